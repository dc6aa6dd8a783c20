//! Who drafts and who approves are told apart by their accounts, whatever they are called.

use tongpin_console::duty::Duty;
use tongpin_store::{Account, AuditDraft};

use super::{Ground, REGIONS};

/// Whoever drafted does not publish, also under a name that looks like two; another account of the same post does; and
/// whoever drafted by a command is the same person on the page.
#[tokio::test]
async fn told_apart_by_account() {
    let ground = Ground::new().await;
    let store = ground.app.store();
    let log = AuditDraft {
        at: ground.app.site.now(),
        actor: "t",
        address: "",
        action: "test",
        subject: "",
        detail: "",
        allowed: true,
    };
    let one = ground.reader("jingban", &[Duty::Enter, Duty::Publish]).await;
    let other = ground.reader("fabu", &[Duty::Publish]).await;
    for name in ["jingban", "fabu"] {
        let account = store.account(name).await.expect("readable").expect("there");
        let renamed = Account { display_name: "张、李".into(), ..account };
        assert!(store.update_account(&renamed, &log).await.expect("writable"));
    }
    let publish = "/catalogs/regions/publish";
    assert_eq!(one.import("regions", "regions.csv", REGIONS).await.0, 303);
    let (status, shown) = one.send(publish, &[("sure", "1")]).await;
    assert!(status == 422 && shown.contains("须由另一人审核发布"), "{shown}");
    let id = ground.app.catalog("regions");
    let draft = store.draft_info(&id).await.expect("readable").expect("there");
    assert_eq!(draft.people.iter().map(|it| it.account.as_str()).collect::<Vec<_>>(), ["jingban"]);
    assert_eq!(other.send(publish, &[("sure", "1")]).await.0, 303, "the same post, another account");

    for drafted in [" 张、李 ", "fabu", "张、李（fabu）"] {
        store.replace_draft(&id, &[], drafted, ground.app.site.now(), "").await.expect("writable");
        let (status, shown) = other.send(publish, &[("sure", "1")]).await;
        assert!(status == 422 && shown.contains("须由另一人审核发布"), "{drafted}: {shown}");
    }
}

/// Where the security administrator has said that there is one clerk only, who drafted may publish, and the release,
/// its page and the log say that one person did both.
#[tokio::test]
async fn one_clerk() {
    let ground = Ground::new().await;
    let security = ground.reader("anquan", &[Duty::Security]).await;
    let clerk = ground.reader("jingban", &[Duty::Enter, Duty::Publish]).await;
    assert_eq!(clerk.send("/accounts/one-clerk", &[("one", "1")]).await.0, 403);
    assert_eq!(security.send("/accounts/one-clerk", &[("one", "1")]).await.0, 303);
    assert_eq!(
        ground.logged("one_clerk").await,
        [("anquan".into(), "登记：只有一名经办人员，一人经办并审核".into(), true)]
    );
    assert_eq!(clerk.import("regions", "regions.csv", REGIONS).await.0, 303);
    assert!(clerk.send("/catalogs/regions/publish", &[("sure", "1")]).await.0 < 400);
    let shown = clerk.open("/catalogs/regions/releases/1").await.1;
    assert!(shown.contains("jingban岗（jingban），一人经办并审核"), "{shown}");
    let logged = ground.logged("catalog_publish").await;
    assert!(logged.iter().any(|it| it.2 && it.1.ends_with("，一人经办并审核")), "{logged:?}");
}
