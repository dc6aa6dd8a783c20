//! Accounts and sessions: one name to a person, one use to a code, and nobody stays signed in who must not.

use tongpin_domain::moment::Moment;
use tongpin_store::{Account, AuditDraft, AuditFilter, SessionRow, Store, StoreError};

use super::ground::{digest, on_each};

pub(super) fn draft(at: i64, action: &str) -> AuditDraft<'_> {
    AuditDraft { at: Moment(at), actor: "系统", address: "", action, subject: "账号", detail: "", allowed: true }
}

fn account(name: &str) -> Account {
    Account {
        id: format!("id of {name}"),
        name: name.into(),
        display_name: "预算科 张三".into(),
        duties: vec!["draft".into(), "带\"引号\"".into()],
        password_hash: "$argon2id$x".into(),
        totp_secret: Some(vec![0, 255, 7]),
        totp_last_step: 0,
        active: true,
        failures: 0,
        last_failure: None,
        failures_before: 0,
        created_at: Moment(10),
        password_set_at: Some(Moment(11)),
        last_sign_in: None,
    }
}

fn session(token: u64, at: i64) -> SessionRow {
    SessionRow {
        token_hash: digest(token),
        account: "id of zhang".into(),
        csrf: format!("csrf {token}"),
        created_at: Moment(at),
        last_seen: Moment(at),
        address: "10.0.0.7".into(),
    }
}

async fn create(store: &Store, name: &str) -> Account {
    let new = account(name);
    store.create_account(&new, &draft(10, "create_account")).await.unwrap();
    new
}

async fn sign_in(store: &Store, token: u64, at: i64, step: Option<u64>) -> bool {
    store.sign_in("id of zhang", &session(token, at), step, &draft(at, "sign_in")).await.unwrap()
}

async fn zhang(store: &Store) -> Account {
    store.account_named("zhang").await.unwrap().unwrap()
}

async fn entries(store: &Store) -> u64 {
    store.audit_count(&AuditFilter::default()).await.unwrap()
}

async fn live(store: &Store, tokens: &[u64]) -> Vec<u64> {
    let mut live = Vec::new();
    for token in tokens {
        if store.session(&digest(*token)).await.unwrap().is_some() {
            live.push(*token);
        }
    }
    live
}

/// An account is kept whole, found by id and by its exact name, and listed by name.
#[tokio::test]
async fn kept_and_found() {
    on_each(async |store| {
        assert_eq!(store.count_accounts().await.unwrap(), 0);
        let zhang = create(store, "zhang").await;
        let bare = Account { duties: Vec::new(), totp_secret: None, password_set_at: None, ..account("Li") };
        store.create_account(&bare, &draft(12, "create_account")).await.unwrap();
        assert_eq!(store.account("id of zhang").await.unwrap(), Some(zhang.clone()));
        assert_eq!(store.account_named("zhang").await.unwrap(), Some(zhang.clone()));
        for stranger in ["Zhang", "zhang ", "zhang\0", ""] {
            assert_eq!(store.account_named(stranger).await.unwrap(), None, "{stranger:?}");
        }
        assert_eq!(store.accounts().await.unwrap(), [bare, zhang]);
        assert_eq!(store.count_accounts().await.unwrap(), 2);
        assert_eq!(entries(store).await, 2);
    })
    .await;
}

/// A taken name is said so; neither the account nor an audit entry is written.
#[tokio::test]
async fn a_name_is_taken_once() {
    on_each(async |store| {
        let first = create(store, "zhang").await;
        let second = Account { id: "another id".into(), display_name: "李四".into(), ..first.clone() };
        let error = store.create_account(&second, &draft(20, "create_account")).await.unwrap_err();
        assert!(matches!(&error, StoreError::NameTaken { name } if name == "zhang"), "{error:?}");
        assert_eq!(store.accounts().await.unwrap(), [first]);
        assert_eq!(entries(store).await, 1);
    })
    .await;
}

/// The first account is made only where there is none.
#[tokio::test]
async fn the_first_account() {
    on_each(async |store| {
        assert!(store.create_first_account(&account("zhang"), &draft(1, "found")).await.unwrap());
        assert!(!store.create_first_account(&account("li"), &draft(2, "found")).await.unwrap());
        assert_eq!(store.accounts().await.unwrap(), [account("zhang")]);
        assert_eq!(entries(store).await, 1);
    })
    .await;
}

/// Of many who make the first account at once, under different names, one does.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_first_accounts_at_once() {
    on_each(async |store| {
        let attempts = (0..6).map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let new = account(&format!("name {number}"));
                store.create_first_account(&new, &draft(number, "found")).await.unwrap()
            })
        });
        let mut won = 0;
        for attempt in attempts.collect::<Vec<_>>() {
            won += u64::from(attempt.await.unwrap());
        }
        assert_eq!((won, store.count_accounts().await.unwrap(), entries(store).await), (1, 1, 1));
    })
    .await;
}

/// A change replaces what it names and nothing else, and ends sessions only when it stops the account.
#[tokio::test]
async fn changes() {
    on_each(async |store| {
        create(store, "zhang").await;
        create(store, "li").await;
        assert!(sign_in(store, 1, 20, Some(5)).await);
        let other = SessionRow { account: "id of li".into(), ..session(2, 20) };
        assert!(store.sign_in("id of li", &other, None, &draft(20, "sign_in")).await.unwrap());
        let changed = Account {
            display_name: "李四".into(),
            duties: vec!["approve".into()],
            password_hash: "$argon2id$y".into(),
            password_set_at: Some(Moment(30)),
            totp_secret: None,
            ..zhang(store).await
        };
        let ignored =
            Account { name: "x".into(), totp_last_step: 0, failures: 9, last_sign_in: None, ..changed.clone() };
        assert!(store.update_account(&ignored, &draft(30, "update_account")).await.unwrap());
        assert_eq!(zhang(store).await, changed);
        assert_eq!(live(store, &[1, 2]).await, [1, 2]);

        let stopped = Account { active: false, ..changed };
        assert!(store.update_account(&stopped, &draft(31, "stop_account")).await.unwrap());
        assert_eq!(zhang(store).await, stopped);
        assert_eq!(live(store, &[1, 2]).await, [2]);
        let before = entries(store).await;
        assert!(!sign_in(store, 3, 32, Some(9)).await, "a stopped account begins no session");
        assert!(!store.update_account(&account("nobody"), &draft(33, "update_account")).await.unwrap());
        assert_eq!((live(store, &[3]).await, entries(store).await), (vec![], before));
    })
    .await;
}

/// Failures are counted until a good sign-in, each with its entry, also for an account that is gone.
#[tokio::test]
async fn failures() {
    on_each(async |store| {
        create(store, "zhang").await;
        let refused = |at| AuditDraft { allowed: false, ..draft(at, "sign_in") };
        for at in [20, 21] {
            store.note_failure("id of zhang", Moment(at), &refused(at)).await.unwrap();
        }
        store.note_failure("gone", Moment(22), &refused(22)).await.unwrap();
        let failed = Account { failures: 2, last_failure: Some(Moment(21)), ..account("zhang") };
        assert_eq!(zhang(store).await, failed);
        assert!(sign_in(store, 1, 30, None).await);
        assert_eq!(
            zhang(store).await,
            Account { failures: 0, failures_before: 2, last_sign_in: Some(Moment(30)), ..failed }
        );
        let filter = AuditFilter { refused_only: true, ..AuditFilter::default() };
        assert_eq!((store.audit_count(&filter).await.unwrap(), entries(store).await), (3, 5));
    })
    .await;
}

/// A code is good once: a step that is not above the last one begins no session and changes nothing at all.
#[tokio::test]
async fn a_code_is_good_once() {
    on_each(async |store| {
        create(store, "zhang").await;
        assert!(sign_in(store, 1, 30, Some(7)).await);
        store.note_failure("id of zhang", Moment(31), &draft(31, "sign_in")).await.unwrap();
        let before = (zhang(store).await, entries(store).await);
        for step in [7, 6, 0] {
            assert!(!sign_in(store, 2, 40, Some(step)).await, "{step}");
        }
        assert_eq!((zhang(store).await, entries(store).await), before);
        assert_eq!((before.0.totp_last_step, before.0.failures), (7, 1));
        assert!(sign_in(store, 3, 50, Some(8)).await);
        assert!(sign_in(store, 4, 51, None).await);
        assert_eq!((zhang(store).await.totp_last_step, zhang(store).await.failures), (8, 0));
        assert_eq!(live(store, &[1, 2, 3, 4]).await, [1, 3, 4]);
        assert!(!store.sign_in("nobody", &session(5, 52), None, &draft(52, "sign_in")).await.unwrap());
        assert_eq!(store.session(&digest(5)).await.unwrap(), None);
        let error = store.sign_in("id of zhang", &session(6, 53), Some(u64::MAX), &draft(53, "sign_in")).await;
        assert!(matches!(error, Err(StoreError::TooLarge { .. })), "{error:?}");
    })
    .await;
}

/// A code that changed the account is used up by that: it neither changes it again nor signs anybody in, and the
/// other way round.
#[tokio::test]
async fn a_code_is_good_for_one_thing() {
    on_each(async |store| {
        create(store, "zhang").await;
        let with = Account { totp_secret: Some(vec![7; 20]), ..zhang(store).await };
        assert!(store.update_account_by_code(&with, 7, &draft(30, "factor_on")).await.unwrap());
        let before = (zhang(store).await, entries(store).await);
        assert_eq!((&before.0.totp_secret, before.0.totp_last_step), (&with.totp_secret, 7));
        let without = Account { totp_secret: None, ..before.0.clone() };
        for step in [7, 6] {
            assert!(!store.update_account_by_code(&without, step, &draft(31, "factor_off")).await.unwrap(), "{step}");
        }
        assert!(!sign_in(store, 1, 32, Some(7)).await);
        assert_eq!((zhang(store).await, entries(store).await), before);
        assert!(sign_in(store, 2, 33, Some(8)).await);
        assert!(!store.update_account_by_code(&without, 8, &draft(34, "factor_off")).await.unwrap());
        assert!(store.update_account_by_code(&without, 9, &draft(35, "factor_off")).await.unwrap());
        assert_eq!(zhang(store).await.totp_secret, None);
    })
    .await;
}

/// Of many who use one code at once, one signs in.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_code_used_at_once() {
    on_each(async |store| {
        create(store, "zhang").await;
        let attempts = (0..6).map(|token| {
            let store = store.clone();
            tokio::spawn(async move { sign_in(&store, token, 30, Some(7)).await })
        });
        let mut won = 0;
        for attempt in attempts.collect::<Vec<_>>() {
            won += u64::from(attempt.await.unwrap());
        }
        assert_eq!((won, live(store, &[0, 1, 2, 3, 4, 5]).await.len(), entries(store).await), (1, 1, 2));
    })
    .await;
}

/// A session is kept whole, its use moves it forward and never back, and it ends once, with an entry.
#[tokio::test]
async fn sessions() {
    on_each(async |store| {
        create(store, "zhang").await;
        assert!(sign_in(store, 1, 20, None).await);
        assert_eq!(store.session(&digest(1)).await.unwrap(), Some(session(1, 20)));
        store.told().await;
        let before = store.change_count().await.unwrap();
        store.touch_session(&digest(1), Moment(25)).await.unwrap();
        store.touch_session(&digest(1), Moment(22)).await.unwrap();
        store.told().await;
        assert_eq!(store.change_count().await.unwrap(), before);
        let touched = SessionRow { last_seen: Moment(25), ..session(1, 20) };
        assert_eq!(store.session(&digest(1)).await.unwrap(), Some(touched));
        assert!(store.end_session(&digest(1), &draft(26, "sign_out")).await.unwrap());
        assert!(!store.end_session(&digest(1), &draft(27, "sign_out")).await.unwrap());
        assert_eq!(store.session(&digest(1)).await.unwrap(), None);
        assert_eq!(entries(store).await, 3);
    })
    .await;
}

/// All sessions of an account end but the one in hand; sessions that are idle, or simply old, end as well.
#[tokio::test]
async fn sessions_end() {
    on_each(async |store| {
        create(store, "zhang").await;
        create(store, "li").await;
        let li = SessionRow { account: "id of li".into(), ..session(9, 20) };
        assert!(store.sign_in("id of li", &li, None, &draft(20, "sign_in")).await.unwrap());
        let all: [u64; 7] = [1, 2, 3, 4, 5, 6, 9];
        for token in [1, 2, 3] {
            assert!(sign_in(store, token, 20, None).await);
        }
        let (new, entry) = (Account { password_hash: "$argon2id$y".into(), ..account("zhang") }, draft(21, "password"));
        assert!(store.change_password(&new, Some(&digest(2)), &entry).await.unwrap());
        assert_eq!(live(store, &all).await, [2, 9]);
        assert!(store.change_password(&new, None, &entry).await.unwrap());
        assert_eq!(live(store, &all).await, [9]);
        assert_eq!(store.account("id of zhang").await.unwrap().unwrap().password_hash, "$argon2id$y");
        assert!(!store.change_password(&account("nobody"), None, &entry).await.unwrap());
        let entered = AuditFilter { action: "password".into(), ..AuditFilter::default() };
        assert_eq!(store.audit_count(&entered).await.unwrap(), 2);

        for (token, began, seen) in [(4, 30, 100), (5, 50, 60), (6, 50, 61)] {
            assert!(sign_in(store, token, began, None).await);
            store.touch_session(&digest(token), Moment(seen)).await.unwrap();
        }
        assert_eq!(store.end_idle_sessions(Moment(61), Moment(31)).await.unwrap(), 3);
        assert_eq!(live(store, &all).await, [6]);
    })
    .await;
}

/// What is logged of an account names neither its password's hash nor its second factor.
#[test]
fn secrets_stay_out_of_logs() {
    let shown = format!("{:?}", Account { totp_secret: Some(vec![231, 232]), ..account("zhang") });
    assert!(shown.contains("zhang") && !shown.contains("argon2id") && !shown.contains("231"), "{shown}");
}
