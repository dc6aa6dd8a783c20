//! Roll-outs in waves, and what is known of each child.

use tongpin_domain::moment::Moment;
use tongpin_store::{ChildState, Progress, Rollout};

use super::ground::{digest, indicators, on_each, region};

/// Each region keeps the newest release that it was given; naming nobody changes nothing.
#[tokio::test]
async fn waves() {
    on_each(async |store| {
        let id = indicators();
        let county = region("320581");
        assert_eq!(store.rollouts().await.unwrap(), []);
        store.allow(&id, 1, None, Moment(1)).await.unwrap();
        store.allow(&id, 2, Some(std::slice::from_ref(&county)), Moment(2)).await.unwrap();
        store.allow(&id, 3, Some(std::slice::from_ref(&county)), Moment(3)).await.unwrap();
        store.allow(&id, 9, Some(&[]), Moment(4)).await.unwrap();
        let rollout = |number, region| Rollout { catalog: id.clone(), number, region };
        assert_eq!(store.rollouts().await.unwrap(), [rollout(1, None), rollout(3, Some(county))]);
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
        store.note_children(std::slice::from_ref(&state), &[]).await.unwrap();
        let other = ChildState { region: region("320582"), ..state.clone() };
        store.note_children(std::slice::from_ref(&other), &[]).await.unwrap();
        state = ChildState { progress: Progress::Refused, reason: "CHAIN".into(), at: Moment(2), ..state };
        store.note_children(std::slice::from_ref(&state), &[]).await.unwrap();
        assert_eq!(store.child_states().await.unwrap(), [state.clone(), other]);
        assert_eq!(store.child_states_of(&region("320581")).await.unwrap(), [state]);
    })
    .await;
}
