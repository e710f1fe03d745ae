//! The `mainstay` program.

fn main() -> mainstay::cli::Exit {
    mainstay::cli::main()
}
