//! Account commands on a database of their own: the pages' rules hold, and the log tells.

use tempfile::TempDir;
use tongpin_store::AuditFilter;

use super::*;

const GOOD: &str = "Fen-2 Jue Xin";
const OFFERED: [Duty; 3] = [Duty::System, Duty::Enter, Duty::Approve];

struct Ground {
    store: Store,
    _folder: TempDir,
}

impl Ground {
    async fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let store = Store::open(folder.path().join("t.sqlite").to_str().expect("UTF-8")).await.expect("a database");
        Self { store, _folder: folder }
    }

    fn desk(&self) -> Desk<'_> {
        let output = Output { json: true, lang: Lang::Zh, terminal: false };
        Desk { store: &self.store, now: Moment(1_800_000_000_000), offered: &OFFERED, output }
    }

    async fn add(&self, name: &str, duties: &[&str], typed: Typed) -> Result<(), AccountError> {
        let duties = duties.iter().map(|word| (*word).to_owned()).collect();
        let password = Password { password_stdin: true, temporary: false };
        let args = Add { name: name.into(), display: "预算科经办".into(), duties, password };
        self.desk().add(&args, typed).await
    }

    async fn account(&self, name: &str) -> Account {
        self.store.account_named(name).await.expect("readable").expect("there")
    }

    /// What the log holds: who, what, about whom, in which words.
    async fn logged(&self) -> Vec<[String; 4]> {
        let mut found = self.store.audit_page(&AuditFilter::default(), 0, 99).await.expect("readable");
        found.reverse();
        found.into_iter().map(|entry| [entry.actor, entry.action, entry.subject, entry.detail]).collect()
    }
}

fn typed(text: &str, temporary: bool) -> Typed {
    Typed { text: text.into(), made: false, temporary }
}

/// An account made here can sign in at once unless its password is temporary, and the log says who made it.
#[tokio::test]
async fn made_and_reset() {
    let ground = Ground::new().await;
    ground.add(" jingban ", &["enter"], typed(GOOD, false)).await.expect("made");
    let made = ground.account("jingban").await;
    assert_eq!(
        (made.password_set_at, made.duties.as_slice()),
        (Some(Moment(1_800_000_000_000)), &["enter".into()][..])
    );
    assert!(password::matches(GOOD, Some(&made.password_hash)));
    ground.desk().reset(made, typed("Jia-7 Yi Bing", true)).await.expect("reset");
    let reset = ground.account("jingban").await;
    assert_eq!(reset.password_set_at, None);
    assert!(password::matches("Jia-7 Yi Bing", Some(&reset.password_hash)));
    let due =
        [["命令行", "account_new", "jingban", "预算科经办；岗位：经办"], ["命令行", "account_reset", "jingban", ""]];
    assert_eq!(ground.logged().await, due);
}

/// What the pages refuse is refused here: a bad name, a strange or clashing duty, a taken name. Nothing is written.
#[tokio::test]
async fn refused() {
    let ground = Ground::new().await;
    let said = |result: Result<(), AccountError>| {
        let error = result.expect_err("a refusal");
        (error.say(Lang::Zh), error.exit())
    };
    let name = said(ground.add("a b", &[], typed(GOOD, false)).await);
    assert_eq!(name, ("登录名须为 2 至 32 个字母、数字、汉字或 . - _".into(), Exit::Input));
    let publish = said(ground.add("fabu", &["publish"], typed(GOOD, false)).await);
    assert_eq!(publish, ("没有“publish”这个岗位；可用：system、enter、approve".into(), Exit::Usage));
    let both = said(ground.add("liang", &["system", "enter"], typed(GOOD, false)).await);
    assert!(both.0.contains("不能兼任业务岗位"), "{}", both.0);
    assert_eq!(ground.store.count_accounts().await.expect("readable"), 0);
    ground.add("xitong", &["system"], typed(GOOD, false)).await.expect("made");
    let taken = said(ground.add("xitong", &[], typed(GOOD, false)).await);
    assert_eq!(taken, ("登录名“xitong”已经有了，请换一个".into(), Exit::Input));
    assert_eq!(ground.logged().await.len(), 1);
}

/// One account is given 经办 and 审核 both only where the bureau has one clerk, here as on the page.
#[tokio::test]
async fn entering_and_approving() {
    let ground = Ground::new().await;
    let both = ["enter", "approve"];
    let refused = ground.add("liang", &both, typed(GOOD, false)).await.expect_err("a refusal");
    assert!(refused.say(Lang::Zh).contains("经办和审核须由两个账号分别担任"), "{refused:?}");
    assert_eq!(ground.store.count_accounts().await.expect("readable"), 0);
    let entry = command_line::entry(Moment(1), "", "one_clerk", "", "");
    ground.store.set_one_clerk(true, &entry).await.expect("writable");
    ground.add("liang", &both, typed(GOOD, false)).await.expect("there is nobody else");
    assert_eq!(ground.account("liang").await.duties.len(), 2);
}

/// The last administrator is not stopped; another account is, and starts again.
#[tokio::test]
async fn stopped_and_started() {
    let ground = Ground::new().await;
    ground.add("xitong", &["system"], typed(GOOD, false)).await.expect("made");
    ground.add("jingban", &["enter"], typed(GOOD, false)).await.expect("made");
    let last = ground.desk().turn("xitong", false).await.expect_err("the last one");
    assert!(matches!(last, AccountError::Last(_)), "{last:?}");
    ground.desk().turn("jingban", false).await.expect("stopped");
    assert!(!ground.account("jingban").await.active);
    ground.desk().turn("jingban", true).await.expect("started");
    assert!(ground.account("jingban").await.active);
    let nobody = ground.desk().turn("meiyou", false).await.expect_err("nobody");
    assert_eq!(nobody.say(Lang::Zh), "没有名为“meiyou”的账号；可用 account list 查看");
    let actions: Vec<String> = ground.logged().await.into_iter().map(|[_, action, ..]| action).collect();
    assert_eq!(actions, ["account_new", "account_new", "account_stop", "account_start"]);
}

/// A password that is made here passes the rules for passwords and must be changed.
#[test]
fn a_password_made_here() {
    let made = Password { password_stdin: false, temporary: false }.read("jingban").expect("made");
    assert!(made.made && made.temporary);
    assert_eq!(password::check(&made.text, "jingban"), Ok(()));
}
