//! Saving a project: whole, scored anew, and never over what somebody else saved.

use tongpin_domain::number::Typed;
use tongpin_domain::project::PROJECT;
use tongpin_store::{Batch, Change, RECORDS};

use super::ground::Ground;
use crate::ops::editing::{save, version};
use crate::ops::ground::code;
use crate::ops::saving::SaveError;
use crate::records::{self, HeldProject};

async fn first(ground: &Ground) -> HeldProject {
    let held = records::load(&ground.desk.store).await.expect("readable");
    let code = held.projects[0].project.code.clone();
    records::one(&ground.desk.store, &code).await.expect("readable").expect("held")
}

/// Two make their pages from the same project: the first saves, the second is told and has changed nothing. What the
/// first changed is scored at once, and a line it left out is gone.
#[tokio::test]
async fn the_second_is_told() {
    let ground = Ground::new().await;
    ground.desk.score().await;
    let held = first(&ground).await;
    let seen = version(&held);
    let (mut project, mut lines) = (held.project.clone(), held.lines.clone());
    project.name = "改过的名称".into();
    lines[0].actual = Typed::parse("");
    let dropped = lines.pop().expect("a line");
    save(&ground.app, &seen, &project, &lines).await.expect("saved");
    let second = save(&ground.app, &seen, &held.project, &held.lines).await;
    assert!(matches!(second, Err(SaveError::Changed)), "{second:?}");

    let now = first(&ground).await;
    assert_eq!((now.project.name.as_str(), now.lines.len()), ("改过的名称", held.lines.len() - 1));
    assert!(now.lines.iter().all(|line| line.seq != dropped.seq));
    let score = ground.desk.store.score(&project.code).await.expect("readable").expect("scored");
    assert_eq!(score.status, "DATA_ERROR", "the weights do not add up without the line");
    assert_eq!(ground.desk.store.scores().await.expect("readable").len(), 6);
    save(&ground.app, &version(&now), &held.project, &held.lines).await.expect("saved on top");
    assert_eq!(version(&first(&ground).await), seen);
}

/// A new project is saved once; what is gone, and what another bureau keeps, is not saved over.
#[tokio::test]
async fn new_gone_and_foreign() {
    let ground = Ground::new().await;
    let held = first(&ground).await;
    let mut project = held.project.clone();
    project.code = "32058124T000000000999".into();
    assert!(matches!(save(&ground.app, "0", &project, &[]).await, Err(SaveError::Gone)));
    save(&ground.app, "", &project, &[]).await.expect("saved");
    assert!(matches!(save(&ground.app, "", &project, &[]).await, Err(SaveError::Changed)));

    project.code = "32058124T000000000998".into();
    let body = serde_json::to_string(&project).expect("JSON");
    let changes = [Change { kind: PROJECT.into(), key: project.code.clone(), body: Some(body), problem: None }];
    let town = code("320581101");
    let batch = Batch { author: &town, stream: RECORDS, incarnation: "i", first_seq: 1, changes: &changes };
    ground.desk.store.accept_records(&batch).await.expect("taken");
    let refused = save(&ground.app, "", &project, &[]).await;
    assert!(matches!(&refused, Err(SaveError::NotOurs(author)) if *author == town), "{refused:?}");
}
