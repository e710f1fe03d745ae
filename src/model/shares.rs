//! Work on many things of one sort, shared among threads.

use std::num::NonZero;

/// Threads at most: more would wait for memory.
const MOST: usize = 8;

/// Entries, objects and the like that a thread is started for.
const WORTH_A_THREAD: usize = 2_000;

/// How many things belong in a share of so many; all of them in one, where they are few.
pub fn share_of(many: usize) -> usize {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(MOST);
    let threads = threads.min(many / WORTH_A_THREAD).max(1);
    many.div_ceil(threads).max(1)
}

/// Does the work on each share, all at the same time; what comes of them, in order.
pub fn in_shares<T: Send, R: Send>(shares: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let work = &work;
    std::thread::scope(|scope| {
        let mut shares = shares.into_iter();
        let mine = shares.next();
        let others: Vec<_> = shares.map(|share| scope.spawn(move || work(share))).collect();
        let mut done: Vec<R> = mine.map(work).into_iter().collect();
        let joined = others.into_iter().map(|other| other.join());
        done.extend(joined.map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))));
        done
    })
}

/// Drops something that has so many parts: beside what goes on, if they are many, as to give back a million small pieces
/// takes its time.
pub fn let_go<T: Send + 'static>(parts: usize, thing: T) {
    const MANY: usize = 10_000;
    if parts < MANY {
        return drop(thing);
    }
    // Without another thread it is dropped here.
    drop(std::thread::Builder::new().spawn(move || drop(thing)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_of_shares_is_in_order() {
        for many in [0, 1, 2, 7, WORTH_A_THREAD, 3 * WORTH_A_THREAD + 1] {
            let numbers: Vec<usize> = (0..many).collect();
            let shares: Vec<&[usize]> = numbers.chunks(share_of(many)).collect();
            let doubled: Vec<usize> =
                in_shares(shares, |share| -> Vec<usize> { share.iter().map(|number| number * 2).collect() })
                    .concat();
            assert_eq!(doubled, numbers.iter().map(|number| number * 2).collect::<Vec<_>>());
        }
        assert_eq!(share_of(10), 10);
    }
}
