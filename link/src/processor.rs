//! Work that takes a processor for long: hashing and unpacking large transfers, scoring all projects, writing long
//! lists.

use tokio::runtime::{Handle, RuntimeFlavor};

/// Does such work here, while whatever else waits for this thread goes on in another. On a runtime of one thread, as
/// commands and tests have, nobody else waits.
pub fn beside<T>(work: impl FnOnce() -> T) -> T {
    let many = Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread);
    if many { tokio::task::block_in_place(work) } else { work() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It is done on a runtime of one thread, of several, and on none.
    #[test]
    fn everywhere() {
        assert_eq!(beside(|| 1), 1);
        let one = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        assert_eq!(one.block_on(async { beside(|| 2) }), 2);
        let two = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
        let task = two.spawn(async { beside(|| 3) });
        assert_eq!(two.block_on(task).expect("done"), 3);
    }
}
