//! Joining: a token lets in exactly one bureau, for exactly one region, in time; everything else is refused with its
//! reason, and nothing stays behind.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use prost::Message as _;
use tongpin_domain::digest::Digest;
use tongpin_domain::lang::{Lang, Say};
use tongpin_link::LinkError;
use tongpin_link::downlink::{self, CERTIFICATE_LIFE};
use tongpin_link::error::Denial;
use tongpin_link::identity::{Identity, IdentityError, verify_chain};
use tongpin_link::tls::{Clock, ConnectError};
use tongpin_link::token::{Token, TokenError};
use tongpin_link::uplink;
use tongpin_proto::v1;
use tongpin_store::{ChildStatus, Store};
use tongpin_tests::inprocess::{Member, TestClock, join, region, until};
use tongpin_tests::logs::{self, logged};

const DAY: Duration = Duration::from_hours(24);

/// Why joining with a token fails. The refused bureau is left without an identity.
async fn refusal(folder: &Path, token: &Token, clock: &Clock) -> LinkError {
    let error = join(folder, token, clock).await.expect_err("this token must not let anybody in");
    assert!(!Identity::exists(&folder.join("identity")), "a refused bureau got an identity");
    error.downcast().expect("an error of the link")
}

/// A token of which a character is missing, one with another secret and one with another root let nobody in; the same
/// bureau then joins with the right one.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_tokens_are_refused() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "330100", &clock).await?;
    let node = folder.path().join("330181");
    let token = hub.invite("330181").await?;

    let text = token.text();
    let cut = Token::parse(&text[..text.len() - 1]).expect_err("a token without its end");
    assert_eq!(cut, TokenError::Damaged);
    assert!(cut.say(Lang::Zh).contains("加入码不完整"), "{}", cut.say(Lang::Zh));

    let wrong = Token { secret: [7; 32], ..token.clone() };
    let error = refusal(&node, &wrong, &clock).await;
    assert!(matches!(&error, LinkError::Answer { code: tonic::Code::PermissionDenied, .. }), "{error:?}");
    assert!(error.say(Lang::Zh).starts_with("加入码无效"), "{}", error.say(Lang::Zh));
    logged(&[&wrong.secret_hash().short(), "a token was refused", "unknown token"]).await?;

    let stranger = Token { root: Digest([7; 32]), ..token.clone() };
    let error = refusal(&node, &stranger, &clock).await;
    assert!(matches!(error, LinkError::Connect(ConnectError::WrongRoot { .. })), "{error:?}");
    logged(&[&hub.address, "no connection to the parent", "certificate of another root"]).await?;

    let child = hub.site.store.child(&region("330181")).await?.expect("it is invited");
    assert_eq!(child.status, ChildStatus::Invited);
    assert!(hub.site.store.certificates(&region("330181")).await?.is_empty());
    assert_eq!(join(&node, &token, &clock).await?.identity.region(), &region("330181"));
    Ok(())
}

/// An expired token and one that another bureau used are refused with their reason at both ends, and whoever used it
/// first is not disturbed.
#[tokio::test(flavor = "multi_thread")]
async fn expired_and_used_tokens_are_refused() -> Result<()> {
    logs::capture();
    let folder = tempfile::tempdir()?;
    let times = TestClock::default();
    let clock = times.clock();
    let hub = Member::hub(folder.path(), "330200", &clock).await?;

    let old = hub.invite("330281").await?;
    times.advance(DAY + Duration::from_secs(1));
    let error = refusal(&folder.path().join("late"), &old, &clock).await;
    assert!(error.say(Lang::Zh).starts_with("加入码已过期"), "{}", error.say(Lang::Zh));
    logged(&[&old.secret_hash().short(), "a token was refused", "expired token"]).await?;

    let token = hub.invite("330282").await?;
    let first = join(&folder.path().join("330282"), &token, &clock).await?;
    let error = refusal(&folder.path().join("second"), &token, &clock).await;
    assert!(error.say(Lang::Zh).starts_with("加入码已被使用"), "{}", error.say(Lang::Zh));
    logged(&[&token.secret_hash().short(), "a token was refused", "used token"]).await?;

    let certificates = hub.site.store.certificates(&region("330282")).await?;
    assert_eq!(
        certificates.iter().map(|found| found.fingerprint.0).collect::<Vec<_>>(),
        [first.identity.fingerprint()]
    );
    let parent = first.parent;
    let node = Member::start(&folder.path().join("330282"), Some(parent), &clock, "127.0.0.1:0").await?;
    until("the first stays connected", async || Ok(hub.downlink.links().regions() == [region("330282")])).await?;
    node.stop().await;
    Ok(())
}

/// A token alone is not enough: whoever asks must hold the keys. A request whose keys were exchanged on the way, or
/// whose
/// proof was made for another token, is refused and uses nothing up.
#[tokio::test(flavor = "multi_thread")]
async fn the_keys_must_be_held() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "330900", &clock).await?;
    let token = hub.invite("330981").await?;
    let request = async |name: &str, token: &Token| {
        let bytes = uplink::request_file(&folder.path().join(name), token)?;
        Ok::<_, anyhow::Error>(v1::EnrolRequest::decode(bytes.as_slice())?)
    };
    let honest = request("honest", &token).await?;
    let thief = request("thief", &token).await?;
    let elsewhere = request("honest", &hub.invite("330982").await?).await?;
    let forged = [
        v1::EnrolRequest { keys: thief.keys, ..honest.clone() },
        v1::EnrolRequest { proof: elsewhere.proof, ..honest.clone() },
        v1::EnrolRequest { proof: Vec::new().into(), ..honest.clone() },
        v1::EnrolRequest { keys: None, ..honest.clone() },
    ];
    for request in forged {
        let keys = request.keys.is_some();
        let refused = downlink::enrol_by_file(&hub.site, &request.encode_to_vec()).await;
        assert!(
            matches!(
                (&refused, keys),
                (Err(LinkError::Denied(Denial::Proof)), true) | (Err(LinkError::Protocol(_)), false)
            ),
            "{refused:?}"
        );
    }
    downlink::enrol_by_file(&hub.site, &honest.encode_to_vec()).await?;
    Ok(())
}

/// The answer to a join is lost: joining again with the keys that were kept gives the same region, works, and makes no
/// second child. Once the answer has arrived, the token is used up for its own bureau too.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_given_again() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "330300", &clock).await?;
    let node = folder.path().join("330381");
    std::fs::create_dir_all(&node)?;
    let token = hub.invite("330381").await?;

    // The parent answers, and nobody hears it.
    let request = uplink::request_file(&node.join("identity"), &token)?;
    downlink::enrol_by_file(&hub.site, &request).await?;

    let joined = join(&node, &token, &clock).await?;
    assert_eq!(joined.identity.region(), &region("330381"));
    assert_eq!(hub.site.store.children().await?.len(), 1);
    let member = Member::start(&node, Some(joined.parent), &clock, "127.0.0.1:0").await?;
    hub.publish("indicators", &[("K1".into(), "*".into(), "{}".into())]).await?;
    member.holds(&hub.catalog("indicators"), 1).await?;

    let again = join(&folder.path().join("again"), &token, &clock).await.expect_err("the token is used up");
    assert!(again.to_string().contains("used token"), "{again:#}");
    Ok(())
}

/// Nobody invites outside of its region: not the hub another city's county, not a county another county's township,
/// and a township nobody at all.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_invites_outside_its_region() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "330400", &clock).await?;
    let county = Member::node(folder.path(), "330481", &hub, &clock).await?;
    let township = Member::node(folder.path(), "330481101", &county, &clock).await?;
    let senseless = [
        (&hub, "330581"),
        (&hub, "330400"),
        (&county, "330482101"),
        (&county, "330482"),
        (&county, "330400"),
        (&township, "330481102"),
        (&township, "330481101"),
    ];
    for (inviter, code) in senseless {
        let before = inviter.site.store.invitations().await?.len();
        let invited = downlink::invite(&inviter.site, &region(code), &inviter.address, DAY, "经办").await;
        assert!(
            matches!(&invited, Err(LinkError::Denied(Denial::NotOurs(refused))) if *refused == region(code)),
            "{code}: {invited:?}"
        );
        assert_eq!(inviter.site.store.invitations().await?.len(), before);
    }
    Ok(())
}

/// A token that was changed to name another region gives a certificate of the region that was invited, which the
/// joining bureau does not take.
#[tokio::test(flavor = "multi_thread")]
async fn the_region_is_the_one_invited() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "330500", &clock).await?;
    let token = Token { region: region("330582"), ..hub.invite("330581").await? };
    let error = refusal(&folder.path().join("330582"), &token, &clock).await;
    assert_eq!(error.say(Lang::Zh), "证书属于 330581，应为 330582，已拒绝。");
    assert_eq!(hub.site.store.child(&region("330582")).await?.map(|child| child.region), None);
    Ok(())
}

/// A township's chain leads over its county to the federation's root, and it never outlives the county's right to
/// certify: joining 50 days into the county's 90 it gets at most the remaining 40.
#[tokio::test(flavor = "multi_thread")]
async fn a_township_is_certified_by_its_county() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let times = TestClock::default();
    let clock = times.clock();
    let hub = Member::hub(folder.path(), "330600", &clock).await?;
    let county = Member::node(folder.path(), "330681", &hub, &clock).await?;
    times.advance(50 * DAY);
    let township = Member::node(folder.path(), "330681101", &county, &clock).await?;
    until("the township follows", async || Ok(county.downlink.links().regions() == [region("330681101")])).await?;

    let (top, middle, own) = (hub.site.identity(), county.site.identity(), township.site.identity());
    let (own_chain, root) = (own.chain(), top.chain().last());
    assert_eq!(own_chain.len(), 3, "its own certificate, the county's, the root");
    assert_eq!(own_chain.last(), root);
    assert_eq!(verify_chain(top.roots(), own_chain, clock.now())?, region("330681101"));
    assert_eq!(own.not_after(), middle.not_after());
    assert!(own.not_after() < clock.now().plus_seconds(i64::try_from(CERTIFICATE_LIFE.as_secs())?));
    assert!(!own.can_issue());

    let keys = tongpin_link::identity::PendingKeys::generate()?;
    let other = middle.issue(&region("330682101"), &keys.identity_spki(), None, DAY, clock.now());
    assert!(matches!(other, Err(IdentityError::NotWithin { .. })), "{other:?}");
    Ok(())
}

/// A federation is founded once: a second `init` in the same folder is refused and changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_founding_is_refused() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "330700", &clock).await?;
    let (identity, before) = (hub.folder().join("identity"), hub.site.identity());
    let again = Identity::init(&identity, &region("330700"), clock.now(), 3650 * DAY, 90 * DAY);
    assert!(matches!(again, Err(IdentityError::AlreadyThere { .. })), "{again:?}");
    let now = Identity::load(&identity)?;
    assert_eq!((now.fingerprint(), now.root_fingerprint()), (before.fingerprint(), before.root_fingerprint()));
    Ok(())
}

/// On a network that does not meet its parent's, request and answer travel as files; a file that is no answer, or the
/// answer to another, is refused.
#[tokio::test(flavor = "multi_thread")]
async fn joining_by_files() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "330800", &clock).await?;
    let mut answers = Vec::new();
    let mut joining = Vec::new();
    for code in ["330881", "330882"] {
        let data = folder.path().join(code);
        std::fs::create_dir_all(&data)?;
        let token = hub.invite(code).await?;
        let request = uplink::request_file(&data.join("identity"), &token)?;
        answers.push(downlink::enrol_by_file(&hub.site, &request).await?);
        joining.push((data, token));
    }
    let (data, token) = &joining[0];
    let store = Store::open(data.join("tongpin.sqlite").to_str().expect("a path in UTF-8")).await?;
    let identity = data.join("identity");
    // A hundred thousand certificates of no content, two bytes each.
    let heavy = [0x0a, 0].repeat(100_000);
    let refused = uplink::accept_file(&store, &identity, token, &heavy, &clock).await;
    assert!(refused.expect_err("too heavy").to_string().contains("hold lists of"));
    for wrong in [b"not an answer".as_slice(), &answers[1]] {
        let answer = uplink::accept_file(&store, &identity, token, wrong, &clock).await;
        assert!(answer.is_err(), "{answer:?}");
        assert!(!Identity::exists(&identity));
    }
    let joined = uplink::accept_file(&store, &identity, token, &answers[0], &clock).await?;
    assert_eq!((joined.identity.region(), &joined.parent.region), (&region("330881"), &region("330800")));
    store.close().await;
    Ok(())
}
