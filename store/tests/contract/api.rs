//! Tokens of departments' systems, and the answers that were kept for them.

use tongpin_domain::moment::Moment;
use tongpin_store::{ApiToken, KeptAnswer, StoreError};

use super::account::draft;
use super::ground::{digest, on_each};

fn token(name: &str, at: i64) -> ApiToken {
    ApiToken {
        id: format!("id of {name}"),
        name: name.into(),
        scopes: vec!["projects:read".into(), "changes:read".into()],
        created_by: "anquan".into(),
        created_at: Moment(at),
        expires_at: Moment(1000),
        revoked_at: None,
        last_used: None,
    }
}

/// A token is found by its hash alone, its name is taken once and for all, it is revoked once, and each change has its
/// entry.
#[tokio::test]
async fn tokens() {
    on_each(async |store| {
        let (one, two) = (token("住建局项目库", 1), token("教育局", 2));
        store.create_api_token(&one, &digest(1), &draft(1, "token_new")).await.unwrap();
        store.create_api_token(&two, &digest(2), &draft(2, "token_new")).await.unwrap();
        let again = ApiToken { id: "other".into(), ..one.clone() };
        let taken = store.create_api_token(&again, &digest(3), &draft(3, "token_new")).await.unwrap_err();
        assert!(matches!(&taken, StoreError::NameTaken { name } if name == "住建局项目库"), "{taken:?}");
        assert_eq!(store.api_token(&digest(3)).await.unwrap(), None);
        assert_eq!(store.api_token(&digest(1)).await.unwrap(), Some(one.clone()));
        store.touch_api_token(&one.id, Moment(50)).await.unwrap();
        assert!(store.revoke_api_token(&one.id, Moment(60), &draft(60, "token_revoke")).await.unwrap());
        assert!(!store.revoke_api_token(&one.id, Moment(70), &draft(70, "token_revoke")).await.unwrap());
        let ended = ApiToken { revoked_at: Some(Moment(60)), last_used: Some(Moment(50)), ..one };
        assert_eq!(store.api_tokens().await.unwrap(), [two, ended]);
        assert_eq!(store.audit_count(&tongpin_store::AuditFilter::default()).await.unwrap(), 3);
    })
    .await;
}

/// An answer is kept for its token and key, the first one stands, and it is forgotten when its time is over.
#[tokio::test]
async fn answers() {
    on_each(async |store| {
        let kept = |number| KeptAnswer {
            request: digest(number),
            status: 201,
            version: "v".into(),
            body: format!("{{\"n\":{number}}}"),
        };
        store.keep_answer("t", "k", &kept(1), Moment(100), Moment(0)).await.unwrap();
        store.keep_answer("t", "k", &kept(2), Moment(110), Moment(0)).await.unwrap();
        store.keep_answer("u", "k", &kept(3), Moment(120), Moment(0)).await.unwrap();
        assert_eq!(store.kept_answer("t", "k", Moment(100)).await.unwrap(), Some(kept(1)));
        assert_eq!(store.kept_answer("t", "k", Moment(101)).await.unwrap(), None);
        assert_eq!(store.kept_answer("t", "other", Moment(0)).await.unwrap(), None);
        store.keep_answer("t", "new", &kept(4), Moment(130), Moment(120)).await.unwrap();
        assert_eq!(store.kept_answer("t", "k", Moment(0)).await.unwrap(), None);
        assert_eq!(store.kept_answer("u", "k", Moment(0)).await.unwrap(), Some(kept(3)));
    })
    .await;
}
