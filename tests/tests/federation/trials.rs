//! Trials of forms over a link: the question comes down as guidance, and of what counties answer the city keeps what it
//! asked, over a line and in a file.

use anyhow::Result;
use tongpin_domain::catalog::{Audience, Entry};
use tongpin_domain::digest::Digest;
use tongpin_domain::form::{Answer, Counted, TRIALS, Tally, Trial, TrialAnswer};
use tongpin_domain::moment::Moment;
use tongpin_link::bundle;
use tongpin_link::downlink::Quota;
use tongpin_link::identity::Identity;
use tongpin_link::publish;
use tongpin_link::trials;
use tongpin_link::uplink::Parent;
use tongpin_proto::v1;
use tongpin_store::Person;
use tongpin_tests::inprocess::{Member, TestClock, brisk, region, until};
use tongpin_tests::line::Line;

/// Asks about a form that was drafted like this.
async fn ask(hub: &Member, key: &str, form: &str) -> Result<Trial> {
    let trial = Trial { form: form.to_owned(), forms_at: 1, by: "发布岗".into(), at: Moment(7) };
    let body = serde_json::to_string(&trial)?;
    let entry = Entry { key: key.to_owned(), audience: Audience::Everyone, release: 0, body };
    let by = Person::from("发布岗");
    let publication = publish::amend(&hub.site, &hub.catalog(TRIALS), &by, key, vec![entry]).await?;
    publish::commit(&hub.site, publication, None).await?;
    Ok(trial)
}

fn counted(trial: &Trial, documents: u64) -> TrialAnswer {
    let tallies = [(Tally::Documents, Counted::exactly(documents)), (Tally::Lacking, Counted::fewer_than(5))];
    TrialAnswer { trial: trial.digest(), at: Moment(9), answer: Answer::Counted(tallies.into()) }
}

/// Both counties and the township have the question; the city hears what a county counts at once, that another does not
/// tell, and nothing of what it did not ask. One that answered while the line was down says so when it is back, one
/// without a line is heard by file, and whoever says nothing, as a program that does not know of trials, has not
/// answered. A trial that is ended is gone below.
#[tokio::test(flavor = "multi_thread")]
async fn asked_and_answered() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let clock = TestClock::default().clock();
    let hub = Member::hub(folder.path(), "320500", &clock).await?;
    let county = Member::node(folder.path(), "320581", &hub, &clock).await?;
    let other = Member::node(folder.path(), "320582", &hub, &clock).await?;
    let township = Member::node(folder.path(), "320581101", &county, &clock).await?;
    let trial = ask(&hub, "roads", r#"{"code":"roads"}"#).await?;
    for member in [&county, &other, &township] {
        member.holds(&hub.catalog(TRIALS), 1).await?;
        let held = trials::of(&member.site.store, &region("320500")).await?;
        assert_eq!(held.get("roads"), Some(&trial), "{}", member.site.region());
    }
    let heard = async |code: &str| trials::of_child(&hub.site, &region(code)).await;
    assert_eq!(heard("320581").await?, []);

    let mine = counted(&trial, 12);
    let unasked = TrialAnswer { trial: Digest::of(b"another"), ..mine.clone() };
    trials::answer(&county.site, &[unasked, mine.clone()]).await?;
    let kept = TrialAnswer { answer: Answer::Withheld, ..mine.clone() };
    trials::answer(&other.site, std::slice::from_ref(&kept)).await?;
    until("the county is heard", async || Ok(heard("320581").await? == [mine.clone()])).await?;
    until("the other is heard", async || Ok(heard("320582").await? == [kept.clone()])).await?;

    // A county's word while nobody listened is the first thing that it says.
    let home = county.folder().to_owned();
    township.stop().await;
    trials::answer(&other.site, &[counted(&trial, 3)]).await?;
    until("the other changed its mind", async || Ok(heard("320582").await? == [counted(&trial, 3)])).await?;
    let address = hub.address.clone();
    let hub_home = hub.folder().to_owned();
    hub.stop().await;
    trials::answer(&county.site, &[counted(&trial, 20)]).await?;
    let hub = Member::start(&hub_home, None, &clock, &address).await?;
    let heard = async |code: &str| trials::of_child(&hub.site, &region(code)).await;
    until("it is heard again", async || Ok(heard("320581").await? == [counted(&trial, 20)])).await?;

    // By file.
    county.stop().await;
    let parent = Parent { region: region("320500"), address: hub.address.clone() };
    let apart = Member::prepare(&home, Some(parent.clone()), &clock, brisk()).await?;
    trials::answer(&apart.site, &[counted(&trial, 21)]).await?;
    let file = bundle::for_parent(&apart.site, &parent).await?;
    bundle::take(&hub.site, None, &file).await?;
    assert_eq!(heard("320581").await?, [counted(&trial, 21)]);

    // Whoever has changed its mind as often as it may is not heard for the rest of the day.
    let (store, word, most) = (&hub.site.store, Quota::Answers.word(), Quota::Answers.most());
    let used = store.quotas(&region("320581")).await?.iter().find(|it| it.what == word).map_or(0, |it| it.used);
    assert_eq!(used, 3, "twelve, twenty and twenty-one");
    assert!(store.use_quota(&region("320581"), word, (most - used, most), hub.site.now()).await?);
    trials::answer(&apart.site, &[counted(&trial, 22)]).await?;
    let file = bundle::for_parent(&apart.site, &parent).await?;
    bundle::take(&hub.site, None, &file).await?;
    assert_eq!(heard("320581").await?, [counted(&trial, 21)]);

    // A program that knows nothing of trials says how it is, and nothing is taken for an answer.
    let identity = Identity::load(&home.join("identity"))?;
    let mut line = Line::open(&identity, region("320500"), &hub.address, &clock, Vec::new()).await?;
    line.say(v1::upward::Body::Condition(v1::Condition { clock_ms: 1, ..Default::default() })).await?;
    while !matches!(line.hear().await?, v1::downward::Body::Heard(_)) {}
    assert_eq!(heard("320581").await?, [counted(&trial, 21)]);

    let by = Person::from("发布岗");
    let ended = publish::withdraw(&hub.site, &hub.catalog(TRIALS), &by, "roads", vec!["roads".into()]).await?;
    publish::commit(&hub.site, ended, None).await?;
    other.holds(&hub.catalog(TRIALS), 2).await?;
    assert!(trials::of(&other.site.store, &region("320500")).await?.is_empty());
    Ok(())
}
