//! A drafted form is tried on a county's documents: counted as their pages would say, told in numbers, or kept.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tongpin_domain::form::{Answer, Becomes, Count, Counted, DOCUMENT, Definition, MOST_A_DAY, Step, Tally, Trial};
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_domain::project::PROJECT;
use tongpin_link::trials;
use tongpin_store::{Batch, Change, RECORDS, Topic};

use super::ground::Ground;
use crate::background::trials::Trials;
use crate::ops::forms;
use crate::ops::ground::{code, row};

const FIRST: &str = r#"{"code":"roads","title":"路况表","subject":{"of":"region","per":"quarter"},"fields":[
    {"name":"issued","title":"下达资金","kind":"money","required":true},
    {"name":"paid","title":"已支付","kind":"money"},
    {"name":"note","title":"说明","kind":"line"},
    {"name":"sort","title":"类别","kind":"one_of","choices":[{"code":"new","text":"新建"},{"code":"old","text":"养护"}]},
    {"name":"late","title":"是否延期","kind":"yes_no"}],"checks":[]}"#;
/// 联系人 must be given, 说明 has two characters at most, 新建 and 是否延期 are retired, and nobody pays more than was issued.
const NEXT: &str = r#"{"code":"roads","title":"路况表","subject":{"of":"region","per":"quarter"},"fields":[
    {"name":"issued","title":"下达资金","kind":"money","required":true},
    {"name":"paid","title":"已支付","kind":"money"},
    {"name":"note","title":"说明","kind":"line","longest":2},
    {"name":"sort","title":"类别","kind":"one_of",
     "choices":[{"code":"new","text":"新建","retired":true},{"code":"old","text":"养护"}]},
    {"name":"late","title":"是否延期","kind":"yes_no","retired":true},
    {"name":"contact","title":"联系人","kind":"line","required":true}],
    "checks":[{"name":"over","when":{"field":"paid","above":"issued"},"then":"block","says":"已支付超过下达资金。"}]}"#;

fn document(id: &str, state: &str, given: &Value) -> String {
    let mut given = given.clone();
    given["issued"] = json!("400000.00");
    json!({ "form": "roads", "publisher": "320500", "release": 1, "id": id, "subject": "320581",
        "subject_name": "常熟市", "period": id, "version": 1, "turn": 0, "state": state, "given": given,
        "derived": {}, "filled_by": ["id of enter"], "changed_at": 0 })
    .to_string()
}

const NOW: Moment = Moment(1_800_000_000_000);

/// Fifteen drafts of the county, five documents that are approved, and a draft of a township.
async fn ground() -> Ground {
    let ground = Ground::new().await;
    ground.desk.publish("forms", "roads", FIRST, 1).await;
    let over = json!({ "paid": "500000.00", "note": "因征地延期" });
    let long = json!({ "paid": "300000.00", "note": "因征地延期", "sort": "new", "late": "yes" });
    let of =
        |id: &str, state: &str, given: &Value| row(DOCUMENT, &format!("roads/{id}"), Ok(document(id, state, given)));
    let plain = json!({ "paid": "300000.00" });
    let mut rows: Vec<_> = PLAIN.iter().map(|id| of(id, "draft", &plain)).collect();
    rows.extend(["c", "d", "e"].map(|id| of(id, "draft", &over)));
    rows.push(of("f", "draft", &long));
    rows.extend(APPROVED.iter().map(|id| of(id, "approved", &long)));
    ground.desk.put(&rows).await;
    let body = Some(document("t", "draft", &over));
    let changes = [Change { kind: DOCUMENT.into(), key: "roads/t".into(), body, problem: None }];
    let town = code("320581101");
    let batch = Batch { author: &town, stream: RECORDS, incarnation: "i", first_seq: 1, changes: &changes };
    ground.desk.store.accept_records(&batch).await.expect("taken");
    ground
}

const PLAIN: [&str; 11] = ["a", "b", "h", "i", "j", "k", "l", "m", "n", "o", "p"];
const APPROVED: [&str; 5] = ["g", "q", "r", "s", "u"];

fn trial(form: &str, at: i64) -> Trial {
    Trial { form: form.to_owned(), forms_at: 1, by: "发布岗".into(), at: Moment(at) }
}

async fn tried(ground: &Ground, form: &str, number: u64) {
    let body = serde_json::to_string(&trial(form, 7)).expect("JSON");
    ground.desk.publish("trials", "roads", &body, number).await;
}

async fn look(trials: &mut Trials, seconds: i64) {
    trials.look_at(NOW.plus_seconds(seconds)).await.expect("answered");
}

fn documents() -> BTreeSet<Topic> {
    [Topic::Records(DOCUMENT.to_owned())].into()
}

async fn answered(ground: &Ground) -> Answer {
    let [told] = trials::answered(&ground.app.site).await.expect("readable").try_into().expect("one answer");
    told.answer
}

async fn counted(ground: &Ground) -> Count {
    let Answer::Counted(count) = answered(ground).await else { unreachable!("it is told") };
    count
}

/// Of 21 documents 16 can move and lack 联系人; five say too much, four of them paid too much, one holds what is retired.
/// The page shows what was told, and the audit log keeps it; what did not change is not told again, and what did only
/// once it is quiet, also by a program that was started anew.
#[tokio::test]
async fn a_form_is_tried() {
    let ground = ground().await;
    let reader = ground.reader("read").await;
    let mut counting = Trials::of(ground.app.clone());
    assert!(reader.get("/guidance/trials").await.text.contains("没有请测算的表单"));
    tried(&ground, NEXT, 1).await;
    assert!(reader.get("/guidance/trials").await.text.contains("正在清点"));
    look(&mut counting, 0).await;
    let (exactly, few) = (Counted::exactly, Counted::fewer_than(5));
    let due: Count = [
        (Tally::Documents, exactly(21)),
        (Tally::Movable, exactly(16)),
        (Tally::Lacking, exactly(16)),
        (Tally::Refused, exactly(5)),
        (Tally::Chosen, few),
        (Tally::Stopped, few),
        (Tally::Retired, few),
        (Tally::Unread, exactly(0)),
    ]
    .into();
    assert_eq!(answered(&ground).await, Answer::Counted(due.clone()));
    let page = reader.get("/guidance/trials").await.text;
    assert!(page.contains("少于 5") && page.contains("已告知上级") && page.contains(">21<"), "{page}");
    assert!(page.contains("320500 发布岗"), "who asks is said: {page}");
    assert!(reader.get("/guidance").await.text.contains("href=\"/guidance/trials\""));
    look(&mut counting, 3600).await;
    let logged = ground.logged("trial_answer").await;
    assert_eq!(logged.len(), 1, "{logged:?}");
    assert!(logged[0].2.contains("roads：单据数 21") && logged[0].2.contains("将被校验拦下 少于 5"), "{logged:?}");

    ground.desk.put(&[row(DOCUMENT, "roads/v", Ok(document("v", "draft", &json!({}))))]).await;
    counting.note(Some(&documents()));
    let mut again = Trials::of(ground.app.clone());
    look(&mut counting, 599).await;
    look(&mut again, 599).await;
    assert_eq!(counted(&ground).await, due, "it is not counted anew at once");
    look(&mut counting, 600).await;
    assert_eq!(counted(&ground).await.tallies[&Tally::Documents], exactly(22));
    look(&mut again, 1200).await;
    assert_eq!(ground.logged("trial_answer").await.len(), 2, "both agree");
    ground.desk.retire("trials", "roads", 2).await;
    look(&mut counting, 1200).await;
    assert!(trials::answered(&ground.app.site).await.expect("readable").is_empty());
}

/// Once the form is published as it was tried, the documents' pages say what was counted, document by document.
#[tokio::test]
async fn pages_agree_with_the_count() {
    let ground = ground().await;
    let drafted = |form: &str| forms::trying::drafted(&code("320500"), "roads", &trial(form, 7)).expect("a form");
    let counted = forms::trying::count(&ground.app, drafted(NEXT).into()).await.expect("counted");
    // What no step lets come to the draft is not concerned by it.
    let mut closed = serde_json::from_str::<Definition>(NEXT).expect("a form");
    closed.flow.steps.retain(|step| !Step::renews(step));
    let closed = serde_json::to_string(&closed).expect("JSON");
    let none = forms::trying::count(&ground.app, drafted(&closed).into()).await.expect("counted");
    assert_eq!(Tally::ALL.iter().map(|tally| none.of(tally)).collect::<Vec<_>>(), [21, 0, 0, 0, 0, 0, 0, 0]);

    ground.desk.publish("forms", "roads", NEXT, 2).await;
    let mut shown = [0; 5];
    let own = PLAIN.into_iter().chain(APPROVED).chain(["c", "d", "e", "f"]).map(|id| ("320581", id));
    for (author, id) in own.chain([("320581101", "t")]) {
        let held = forms::open(ground.app.store(), "roads", &code(author), id).await.expect("readable");
        let held = held.expect("a document");
        let renewal = forms::renewal(&ground.app, &held, "renew").await.expect("readable").expect("a step");
        let found = renewal.differences(Lang::Zh);
        let has = |becomes: Becomes| found.iter().any(|it| it.becomes == becomes);
        let stopped = found.iter().any(|it| it.becomes == Becomes::CheckAdded && it.after != "通过");
        let retired = found.iter().any(|it| it.becomes == Becomes::Retired && !it.before.is_empty());
        let told =
            [has(Becomes::AddedRequired), has(Becomes::Unreadable), has(Becomes::ChoiceRetired), stopped, retired];
        if held.may_change() {
            shown.iter_mut().zip(told).for_each(|(sum, told)| *sum += u64::from(told));
        }
    }
    let tallies = [Tally::Lacking, Tally::Refused, Tally::Chosen, Tally::Stopped, Tally::Retired];
    assert_eq!(tallies.map(|tally| counted.of(&tally)), shown);
    assert_eq!(shown, [16, 5, 1, 4, 1], "counted by hand");
}

/// A check that looks at what the release in force marks as personal is not counted, though neither the documents'
/// release nor the draft marks it, and both sides are told so.
#[tokio::test]
async fn what_is_personal_is_not_counted() {
    let ground = ground().await;
    let reader = ground.reader("read").await;
    let marked = FIRST.replace("\"title\":\"说明\"", "\"title\":\"说明\",\"personal\":true");
    assert_ne!(marked, FIRST);
    ground.desk.publish("forms", "roads", &marked, 2).await;
    let asks =
        r#""checks":[{"name":"spy","when":{"field":"note","is":"因征地延期"},"then":"block","says":"请核对。"}]"#;
    tried(&ground, &FIRST.replace(r#""checks":[]"#, asks), 1).await;
    look(&mut Trials::of(ground.app.clone()), 0).await;
    let told = counted(&ground).await;
    assert_eq!(told.tallies[&Tally::Stopped], Counted::exactly(0), "five say it");
    assert_eq!(told.left_out, [Tally::Stopped].into());
    let page = reader.get("/guidance/trials").await.text;
    assert!(page.contains("“将被校验拦下”未含涉及个人信息的部分"), "{page}");
}

/// Whoever asks about ever other drafts is answered ten times a day and told so then, by a program that was started
/// anew as well; the next day it is counted.
#[tokio::test]
async fn ten_drafts_a_day() {
    let ground = ground().await;
    let reader = ground.reader("read").await;
    let ask = async |number: u64| {
        let body = serde_json::to_string(&trial(NEXT, i64::try_from(number).expect("small"))).expect("JSON");
        ground.desk.publish("trials", "roads", &body, number).await;
    };
    let mut counting = Trials::of(ground.app.clone());
    let most = u64::try_from(MOST_A_DAY).expect("small");
    for number in 1..=most {
        ask(number).await;
        look(&mut counting, 0).await;
        assert_eq!(counted(&ground).await.tallies[&Tally::Documents], Counted::exactly(21), "{number}");
    }
    ask(most + 1).await;
    look(&mut Trials::of(ground.app.clone()), 60).await;
    assert_eq!(answered(&ground).await, Answer::Postponed);
    look(&mut counting, 600).await;
    assert_eq!(answered(&ground).await, Answer::Postponed);
    assert!(reader.get("/guidance/trials").await.text.contains("这张表单今天已测算 10 次"));
    assert_eq!(ground.logged("trial_answer").await.len(), 11);
    look(&mut counting, 24 * 3600).await;
    assert!(matches!(answered(&ground).await, Answer::Counted(_)));
}

/// What a form is filled in with from projects is counted anew when projects change.
#[tokio::test]
async fn projects_count() {
    let ground = Ground::new().await;
    let first = r#"{"code":"pay","title":"支付表","subject":{"of":"project","per":"month"},"fields":[
        {"name":"budget","title":"预算","kind":"money","from":"project.adjusted"},
        {"name":"paid","title":"已支付","kind":"money"}],"checks":[]}"#;
    let over =
        r#""checks":[{"name":"over","when":{"field":"paid","above":"budget"},"then":"block","says":"超预算。"}]"#;
    ground.desk.publish("forms", "pay", first, 1).await;
    let record = ground.desk.store.records(PROJECT, None).await.expect("readable").remove(0);
    let mut project: Value = serde_json::from_str(&record.body).expect("JSON");
    let of = |month: u32| {
        let period = format!("2024-0{month}");
        let body = json!({ "form": "pay", "publisher": "320500", "release": 1, "id": period, "subject": record.key,
            "subject_name": "", "period": period, "version": 1, "turn": 0, "state": "draft",
            "given": { "paid": "1.00" }, "derived": {}, "filled_by": ["x"], "changed_at": 0 });
        row(DOCUMENT, &format!("pay/{period}"), Ok(body.to_string()))
    };
    ground.desk.put(&(1..=6).map(of).collect::<Vec<_>>()).await;
    let body = serde_json::to_string(&trial(&first.replace(r#""checks":[]"#, over), 7)).expect("JSON");
    ground.desk.publish("trials", "pay", &body, 1).await;
    let mut counting = Trials::of(ground.app.clone());
    look(&mut counting, 0).await;
    assert_eq!(counted(&ground).await.tallies[&Tally::Stopped], Counted::exactly(0));
    project["budget_adjusted"] = json!("0.50");
    ground.desk.put(&[row(PROJECT, &record.key, serde_json::to_string(&project))]).await;
    counting.note(Some(&[Topic::Records(PROJECT.to_owned())].into()));
    look(&mut counting, 600).await;
    assert_eq!(counted(&ground).await.tallies[&Tally::Stopped], Counted::exactly(6));
}

/// What a release of the catalog of trials changed is told in words: which form, who asks, and what is drafted
/// otherwise.
#[tokio::test]
async fn releases_in_words() {
    let ground = ground().await;
    let reader = ground.reader("read").await;
    tried(&ground, FIRST, 1).await;
    tried(&ground, NEXT, 2).await;
    let page = reader.get("/guidance/trials/releases/1").await.text;
    assert!(page.contains("路况表") && !page.contains("one_of"), "{page}");
    let page = reader.get("/guidance/trials/releases/2").await.text;
    assert!(page.contains("草稿的变化") && page.contains("新增必填字段“联系人”"), "{page}");
    assert!(!page.contains("{&quot;") && !page.contains("one_of"), "{page}");
    let page = reader.get("/guidance/trials/releases/2?lang=en").await.text;
    assert!(!page.contains("one_of"), "{page}");
}

/// A township's page says that the city asks and that its county answers.
#[tokio::test]
async fn at_a_township() {
    let ground = Ground::of("320581101", "320581").await;
    let reader = ground.reader("read").await;
    tried(&ground, NEXT, 1).await;
    // What its county asks, too, is for the county to count.
    let body = serde_json::to_string(&trial(NEXT, 7)).expect("JSON");
    ground.desk.publish_by("320581", "trials", "roads", &body, 1).await;
    look_as_job(&ground).await;
    let page = reader.get("/guidance/trials").await.text;
    assert!(page.contains("路况表") && page.contains("发布岗") && page.contains("由县级一并清点"), "{page}");
    assert!(!page.contains("没有请测算的表单") && !page.contains("正在清点"), "{page}");
    assert!(trials::answered(&ground.app.site).await.expect("readable").is_empty());
}

async fn look_as_job(ground: &Ground) {
    use tongpin_link::reconcile::Reconciler;
    Trials::of(ground.app.clone()).look(None).await.expect("nothing to do");
}

/// A county that keeps its numbers says so and nothing else, until it lets them go; a draft of a newer program is not
/// counted by one that does not know all of it, and says so too.
#[tokio::test]
async fn kept_or_not_understood() {
    let mut ground = ground().await;
    ground.app.settings.own.egress.trials = false;
    tried(&ground, NEXT, 1).await;
    look(&mut Trials::of(ground.app.clone()), 0).await;
    assert_eq!(answered(&ground).await, Answer::Withheld);
    ground.app.settings.own.egress.trials = true;
    look(&mut Trials::of(ground.app.clone()), 0).await;
    assert!(matches!(answered(&ground).await, Answer::Counted(_)));
    tried(&ground, &NEXT.replace("\"kind\":\"yes_no\"", "\"kind\":\"hologram\""), 2).await;
    look(&mut Trials::of(ground.app.clone()), 0).await;
    assert_eq!(answered(&ground).await, Answer::Unable);
    // What no city could publish is not counted either.
    tried(&ground, &NEXT.replace("\"name\":\"contact\"", "\"name\":\"contact.a.b\""), 3).await;
    look(&mut Trials::of(ground.app.clone()), 0).await;
    assert_eq!(answered(&ground).await, Answer::Unable);
}
