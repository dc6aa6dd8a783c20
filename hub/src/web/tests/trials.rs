//! Who may have a drafted form tried, what goes down for it, and when that ends.

use tongpin_domain::form::{Answer, Counted, FORMS, TRIALS, Tally, Trial, TrialAnswer};
use tongpin_domain::moment::Moment;
use tongpin_link::trials;

use super::*;
use crate::ops::trials::{Line, Stand, Standing, end_over, standing};

const ROAD: &str = include_str!("../../../../samples/forms/road_dispatch.toml");
const PAGE: &str = "/catalogs/forms/trial";

async fn asked(ground: &Ground) -> Vec<Trial> {
    let own = ground.app.site.region();
    trials::of(ground.app.store(), &own).await.expect("readable").into_values().collect()
}

/// A draft that changes something for documents can be tried by whoever may publish, once as it is: the draft goes down
/// as it stands, and the form in force stays. It ends when it is told to, and when the form is published.
#[tokio::test]
async fn a_draft_is_tried() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let publisher = ground.reader("fabu", &[Duty::Publish]).await;
    clerk.import(FORMS, "road_dispatch.toml", ROAD).await;
    let (_, shown) = publisher.open("/catalogs/forms/publish").await;
    assert!(!shown.contains("请各区县测算影响"), "there are no documents of a new form");
    assert_eq!(publisher.send("/catalogs/forms/publish", &[("sure", "1")]).await.0, 303);
    let (status, shown) = publisher.send(PAGE, &[("step", "ask")]).await;
    assert!(status == 400 || status == 422, "{status}: {shown}");
    assert!(shown.contains("没有可测算的表单"), "{shown}");

    let stricter = ROAD.replace("longest = 500", "longest = 3");
    let (status, shown) = clerk.import(FORMS, "road_dispatch.toml", stricter).await;
    assert_eq!(status, 303, "{shown}");
    let (_, shown) = publisher.open("/catalogs/forms/publish").await;
    assert!(shown.contains("请各区县测算影响") && shown.contains(&format!("action=\"{PAGE}\"")), "{shown}");
    assert_eq!(clerk.send(PAGE, &[("step", "ask")]).await.0, 403);
    let (status, shown) = publisher.send(PAGE, &[("step", "ask")]).await;
    assert!(
        status == 303 && shown.contains("已请各区县测算 1 张表单") && shown.contains("0 / 0 个区县已答"),
        "{shown}"
    );
    let [trial] = asked(&ground).await.try_into().expect("one");
    assert!(trial.form.contains("\"longest\":3") && trial.forms_at == 1 && trial.by.contains("fabu岗"), "{trial:?}");
    let held = ground.app.store().entry(&ground.app.catalog(FORMS), "road_dispatch").await.expect("readable");
    assert!(!held.expect("in force").body.contains("\"longest\":3"));
    assert!(shown.contains("当时表单目录为第 1 版"), "{shown}");
    let (_, shown) = publisher.send(PAGE, &[("step", "ask")]).await;
    assert!(shown.contains("草稿没有变动"), "{shown}");
    assert!(clerk.open(PAGE).await.1.contains("农村公路养护补助资金季度调度表"), "who may not ask may look");

    assert_eq!(publisher.send(PAGE, &[("step", "end")]).await.0, 303);
    assert_eq!(asked(&ground).await, []);
    assert_eq!(publisher.send(PAGE, &[("step", "ask")]).await.0, 303);
    end_over(&ground.app).await.expect("readable");
    assert_eq!(asked(&ground).await.len(), 1, "it is only a draft");
    assert_eq!(publisher.send("/catalogs/forms/publish", &[("sure", "1")]).await.0, 303);
    end_over(&ground.app).await.expect("readable");
    assert_eq!(asked(&ground).await, []);
    let (_, shown) = publisher.open(PAGE).await;
    assert!(shown.contains("没有正在进行的测算"), "{shown}");
    let head = ground.app.store().head(&ground.app.catalog(TRIALS)).await.expect("readable");
    assert_eq!(head.map(|head| head.number), Some(4));
    assert_eq!(ground.logged("trial_ask").await.iter().filter(|entry| entry.2).count(), 2);
    assert_eq!(ground.logged("trial_end").await.iter().filter(|entry| entry.2).count(), 2);
}

/// A trial whose draft was changed goes on and says that it is of another draft. It ends once the draft is given up,
/// and once something else than what was asked about is published of its form; asked again, the same draft is another
/// trial.
#[tokio::test]
async fn a_trial_is_over() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let publisher = ground.reader("fabu", &[Duty::Publish]).await;
    clerk.import(FORMS, "road_dispatch.toml", ROAD).await;
    assert_eq!(publisher.send("/catalogs/forms/publish", &[("sure", "1")]).await.0, 303);
    let stand = async || {
        let all = standing(&ground.app).await.expect("readable");
        all.iter().map(|one| one.stand).collect::<Vec<_>>()
    };
    let drafted = |longest: &str| ROAD.replace("longest = 500", &format!("longest = {longest}"));

    clerk.import(FORMS, "road_dispatch.toml", drafted("3")).await;
    assert_eq!(publisher.send(PAGE, &[("step", "ask")]).await.0, 303);
    let first = asked(&ground).await;
    assert_eq!(stand().await, [Stand::Current]);
    clerk.import(FORMS, "road_dispatch.toml", drafted("4")).await;
    end_over(&ground.app).await.expect("readable");
    assert_eq!(stand().await, [Stand::Changed]);
    assert!(publisher.open(PAGE).await.1.contains("草稿已改动"));
    let forms = ground.app.catalog(FORMS);
    ground.app.store().discard_draft(&forms, None).await.expect("writable");
    assert_eq!(stand().await, [Stand::Over]);
    assert!(publisher.open(PAGE).await.1.contains("已经过时"));
    end_over(&ground.app).await.expect("readable");
    assert_eq!(asked(&ground).await, []);
    assert!(ground.logged("trial_end").await.iter().any(|entry| entry.1.contains("草稿已放弃")));

    clerk.import(FORMS, "road_dispatch.toml", drafted("3")).await;
    assert_eq!(publisher.send(PAGE, &[("step", "ask")]).await.0, 303);
    let again = asked(&ground).await;
    assert_eq!(again[0].form, first[0].form);
    assert_ne!(again[0].digest(), first[0].digest());
    clerk.import(FORMS, "road_dispatch.toml", drafted("5")).await;
    assert_eq!(publisher.send("/catalogs/forms/publish", &[("sure", "1")]).await.0, 303);
    clerk.import(FORMS, "road_dispatch.toml", drafted("3")).await;
    assert_eq!(stand().await, [Stand::Over], "it was counted for what was in force before");
    end_over(&ground.app).await.expect("readable");
    assert_eq!(asked(&ground).await, []);
}

/// Who has not answered, does not tell or cannot is in no sum; a sum of which some part is only known to be small has
/// two ends.
#[tokio::test]
async fn sums_of_what_was_told() {
    let line = |answer: Option<Answer>| Line {
        name: String::new(),
        delivered: true,
        answer: answer.map(|answer| TrialAnswer { trial: Digest::NONE, at: Moment(0), answer }),
    };
    let told = |counted| line(Some(Answer::Counted([(Tally::Lacking, counted)].into())));
    let trial = Trial { form: String::new(), forms_at: 1, by: String::new(), at: Moment(0) };
    let of =
        |lines| Standing { title: String::new(), trial: trial.clone(), stand: Stand::Current, renews: true, lines };
    let silent = [None, Some(Answer::Withheld), Some(Answer::Unable), Some(Answer::Postponed)];
    let silent = of(silent.map(line).into());
    assert_eq!((silent.answered(), silent.counted(), silent.sum(&Tally::Lacking)), (3, 0, None));
    let exactly = Counted::exactly;
    let some = of(vec![line(None), told(exactly(12)), told(Counted::fewer_than(5)), told(exactly(0))]);
    let sum = some.sum(&Tally::Lacking);
    assert_eq!((some.answered(), some.counted(), sum), (3, 3, Some(Counted { least: 13, most: 16 })));
    assert_eq!(some.sum(&Tally::Movable), None, "nobody told it");
}
