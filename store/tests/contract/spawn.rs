//! Whatever the store does can be done by a task that moves between threads.

use tongpin_store::{Arrival, Arrived, REPORTS};

use super::ground::{apply, entry, indicators, on_each, region};

fn movable<T: Send>(future: T) -> T {
    future
}

/// The calls that take closures or read several times give futures that may move, and do what they should.
#[tokio::test]
async fn futures_may_move() {
    on_each(async |store| {
        let (id, county) = (indicators(), region("320581"));
        movable(apply(store, 1, vec![entry("a", 1, "*")], &[])).await;
        assert_eq!(movable(store.entries(&id)).await.unwrap().len(), 1);
        assert_eq!(movable(store.advances(&id, 0, 1)).await.unwrap().len(), 1);
        let arrival = Arrival {
            author: &county,
            stream: REPORTS,
            incarnation: "i",
            seq: 2,
            mark: tongpin_domain::digest::Digest::NONE,
            received: None,
            at: tongpin_domain::moment::Moment(1),
            limit: None,
        };
        let outcome = movable(store.accept_report(&arrival, |_| Err(String::new()))).await.unwrap();
        assert_eq!(outcome, Arrived::Gap { expected: 1 });
    })
    .await;
}
