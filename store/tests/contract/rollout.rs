//! Roll-outs in waves, and what is known of each child.

use tongpin_domain::moment::Moment;
use tongpin_store::{ChildState, Progress};

use super::ground::{apply, digest, entry, indicators, on_each, region};

/// A region gets the highest release that it, a region around it, or everybody was given, as far as it is held here.
#[tokio::test]
async fn waves() {
    on_each(async |store| {
        let id = indicators();
        for number in 1..=3 {
            apply(store, number, vec![entry("a", number, "*")], &[]).await;
        }
        let (county, township, other) = (region("320581"), region("320581101"), region("320582"));
        assert_eq!(store.allowed(&id, &county).await.unwrap(), 0);
        assert_eq!(store.allowed_all(&county).await.unwrap(), []);
        store.allow(&id, 1, None, Moment(1)).await.unwrap();
        store.allow(&id, 2, Some(std::slice::from_ref(&county)), Moment(2)).await.unwrap();
        assert_eq!(store.allowed(&id, &county).await.unwrap(), 2);
        assert_eq!(store.allowed(&id, &township).await.unwrap(), 2);
        assert_eq!(store.allowed(&id, &other).await.unwrap(), 1);
        let heads = store.allowed_all(&township).await.unwrap();
        assert_eq!(heads.iter().map(|head| (head.number, head.digest)).collect::<Vec<_>>(), [(2, digest(2))]);
        store.allow(&id, 3, None, Moment(3)).await.unwrap();
        assert_eq!(store.allowed_all(&county).await.unwrap()[0].number, 3);
        // Nobody is named: nothing changes.
        store.allow(&id, 9, Some(&[]), Moment(4)).await.unwrap();
        assert_eq!(store.allowed(&id, &county).await.unwrap(), 3);
    })
    .await;
}

/// Of each child and catalog the last thing learned is kept, whole.
#[tokio::test]
async fn states_of_children() {
    on_each(async |store| {
        let mut state = ChildState {
            region: region("320581"),
            catalog: indicators(),
            number: 4,
            digest: digest(4),
            progress: Progress::Announced,
            reason: String::new(),
            at: Moment(1),
        };
        store.note_child(&state).await.unwrap();
        let other = ChildState { region: region("320582"), ..state.clone() };
        store.note_child(&other).await.unwrap();
        state = ChildState { progress: Progress::Refused, reason: "CHAIN".into(), at: Moment(2), ..state };
        store.note_child(&state).await.unwrap();
        assert_eq!(store.child_states().await.unwrap(), [state.clone(), other]);
        assert_eq!(store.child_states_of(&region("320581")).await.unwrap(), [state]);
    })
    .await;
}
