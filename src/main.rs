//! The `mainstay` program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> mainstay::cli::Exit {
    mainstay::cli::main()
}
