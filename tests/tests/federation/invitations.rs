//! Inviting: only whom the published divisions know, one live token for each, and the same node under either code.

use std::time::Duration;

use anyhow::{Context, Result};
use prost::Message as _;
use tokio::time::Instant;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::region::Region;
use tongpin_link::admin::{self, AdminError, Invited};
use tongpin_link::tls::Connector;
use tongpin_link::token::Token;
use tongpin_link::uplink;
use tongpin_proto::v1;
use tongpin_proto::v1::enrolment_client::EnrolmentClient;
use tongpin_tests::inprocess::{Member, TestClock, join, region};

fn division(code: &str, former: &[&str]) -> Result<(String, String, String)> {
    let division = Region {
        code: region(code),
        name: format!("单位{code}"),
        level: "县".into(),
        parent_code: region("339100"),
        mof_div_code: format!("{code}000"),
        kind: String::new(),
        alias_codes: former.iter().map(|code| region(code)).collect(),
        valid_from: None,
        valid_to: None,
        note: String::new(),
    };
    Ok((code.to_owned(), "*".to_owned(), serde_json::to_string(&division)?))
}

async fn invite(hub: &Member, code: &str) -> Result<Invited, AdminError> {
    admin::invite(&hub.site, &region(code), &hub.address, 7, "经办-001").await
}

/// A code that no published division has is refused, with what may have been meant; while nothing is published it is
/// let through with a word of warning; one outside the own region is refused in either case.
#[tokio::test(flavor = "multi_thread")]
async fn only_divisions() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "339100", &clock).await?;
    let unchecked = invite(&hub, "339199").await?;
    assert!(unchecked.remarks(&region("339199"), Lang::Zh)[0].contains("无法核对"));
    hub.publish("regions", &[division("339181", &[])?, division("339182", &[])?]).await?;
    let refused = invite(&hub, "339183").await.err().context("no division")?.say(Lang::Zh);
    assert!(refused.contains("没有 339183；是不是要邀请 339181 单位339181、339182 单位339182"), "{refused}");
    let refused = invite(&hub, "339200").await.err().context("elsewhere")?;
    assert!(matches!(refused, AdminError::NotWithin { .. }), "{refused:?}");
    assert!(invite(&hub, "339181").await?.remarks(&region("339181"), Lang::Zh).is_empty());
    Ok(())
}

/// A new token makes the open one of the same division worthless and says so; what was used before stays used. Under
/// its new code a division gets a token for the code that its node joined under.
#[tokio::test(flavor = "multi_thread")]
async fn one_token_one_node() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "339100", &clock).await?;
    hub.publish("regions", &[division("339181", &[])?]).await?;
    let first = invite(&hub, "339181").await?;
    let second = invite(&hub, "339181").await?;
    assert!(second.remarks(&region("339181"), Lang::Zh)[0].contains("1 个加入码已作废"));
    let own = folder.path().join("339181");
    let refused = join(&own, &first.token, &clock).await.expect_err("made worthless").to_string();
    assert!(refused.contains("expired token"), "{refused}");
    join(&own, &second.token, &clock).await?;

    hub.publish("regions", &[division("339186", &["339181"])?]).await?;
    let again = invite(&hub, "339186").await?;
    assert_eq!((&again.token.region, again.joined_before), (&region("339181"), true));
    assert!(again.remarks(&region("339186"), Lang::Zh)[0].contains("同一单位"));
    join(&own, &again.token, &clock).await?;
    assert_eq!(hub.site.store.children().await?.len(), 1);
    Ok(())
}

/// Whoever tries tokens is answered later and later: ten wrong ones are free, and of the next five each waits a fifth
/// of a second more than the one before, which is two seconds together but for what is forgotten meanwhile. The right
/// token of the same address is let in all the same.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_tokens_wait() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "339300", &clock).await?;
    let token = hub.invite("339381").await?;
    let wrong = Token { secret: [7; 32], ..token.clone() };
    let request = uplink::request_file(&folder.path().join("guessing"), &wrong)?;
    let request = v1::EnrolRequest::decode(request.as_slice())?;
    let connector = Connector::for_join(&wrong, &clock)?;
    let channel = Connector::endpoint(&hub.address)?.connect_with_connector(connector).await?;
    let mut client = EnrolmentClient::new(channel);
    let mut begun = Instant::now();
    for number in 1..=15 {
        if number == 11 {
            begun = Instant::now();
        }
        let refused = client.enrol(request.clone()).await.err().context("a wrong token")?;
        assert_eq!(refused.code(), tonic::Code::PermissionDenied, "{refused}");
    }
    let waited = begun.elapsed();
    assert!(waited >= Duration::from_millis(1500), "{waited:?}");
    join(&folder.path().join("339381"), &token, &clock).await?;
    Ok(())
}
