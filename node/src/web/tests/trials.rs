//! A drafted form is tried on a county's documents: counted as their pages would say, told in numbers, or kept.

use serde_json::{Value, json};
use tongpin_domain::form::{Answer, Becomes, Counted, DOCUMENT, Tally, Trial};
use tongpin_domain::lang::Lang;
use tongpin_domain::moment::Moment;
use tongpin_link::trials;
use tongpin_store::{Batch, Change, RECORDS};

use super::ground::Ground;
use crate::background::trials::look;
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

/// Six drafts of the county, one that is approved, and one of a township.
async fn ground() -> Ground {
    let ground = Ground::new().await;
    ground.desk.publish("forms", "roads", FIRST, 1).await;
    let plain = json!({ "paid": "300000.00" });
    let over = json!({ "paid": "500000.00", "note": "因征地延期" });
    let long = json!({ "paid": "300000.00", "note": "因征地延期", "sort": "new", "late": "yes" });
    let own = [("a", &plain), ("b", &plain), ("c", &over), ("d", &over), ("e", &over), ("f", &long)];
    let mut rows: Vec<_> =
        own.iter().map(|(id, given)| row(DOCUMENT, &format!("roads/{id}"), Ok(document(id, "draft", given)))).collect();
    rows.push(row(DOCUMENT, "roads/g", Ok(document("g", "approved", &long))));
    ground.desk.put(&rows).await;
    let body = Some(document("t", "draft", &over));
    let changes = [Change { kind: DOCUMENT.into(), key: "roads/t".into(), body, problem: None }];
    let town = code("320581101");
    let batch = Batch { author: &town, stream: RECORDS, incarnation: "i", first_seq: 1, changes: &changes };
    ground.desk.store.accept_records(&batch).await.expect("taken");
    ground
}

async fn tried(ground: &Ground, form: &str, number: u64) {
    let trial = Trial { form: form.to_owned(), compared_with: 1, by: "发布岗".into(), at: Moment(7) };
    ground.desk.publish("trials", "roads", &serde_json::to_string(&trial).expect("JSON"), number).await;
}

async fn answered(ground: &Ground) -> Answer {
    let [told] = trials::answered(&ground.app.site).await.expect("readable").try_into().expect("one answer");
    told.answer
}

/// Of eight documents seven can be changed and lack 联系人; five say too much, four of them paid too much, one holds what
/// is retired. The page shows what was told, and the audit log keeps it; what did not change is not told again.
#[tokio::test]
async fn a_form_is_tried() {
    let ground = ground().await;
    let reader = ground.reader("read").await;
    assert!(reader.get("/guidance/trials").await.text.contains("没有请测算的表单"));
    tried(&ground, NEXT, 1).await;
    assert!(reader.get("/guidance/trials").await.text.contains("正在清点"));
    look(&ground.app, false).await.expect("counted");
    let few = Counted::FewerThan(5);
    let due = [
        (Tally::Documents, Counted::Exactly(8)),
        (Tally::Open, Counted::Exactly(7)),
        (Tally::Lacking, Counted::Exactly(7)),
        (Tally::Refused, Counted::Exactly(5)),
        (Tally::Chosen, few),
        (Tally::Stopped, few),
        (Tally::Retired, few),
        (Tally::Unread, Counted::Exactly(0)),
    ];
    assert_eq!(answered(&ground).await, Answer::Counted(due.clone().into()));
    let page = reader.get("/guidance/trials").await.text;
    assert!(page.contains("少于 5") && page.contains("已告知上级") && page.contains(">8<"), "{page}");
    assert!(reader.get("/guidance").await.text.contains("href=\"/guidance/trials\""));
    look(&ground.app, true).await.expect("counted");
    let logged = ground.logged("trial_answer").await;
    assert_eq!(logged.len(), 1, "{logged:?}");
    assert!(logged[0].2.contains("roads：单据数 8") && logged[0].2.contains("将被校验拦下 少于 5"), "{logged:?}");

    ground.desk.put(&[row(DOCUMENT, "roads/h", Ok(document("h", "draft", &json!({}))))]).await;
    look(&ground.app, false).await.expect("nothing to do");
    assert_eq!(answered(&ground).await, Answer::Counted(due.into()), "it is not counted anew at once");
    look(&ground.app, true).await.expect("counted");
    let Answer::Counted(told) = answered(&ground).await else { unreachable!("it is told") };
    assert_eq!(told[&Tally::Documents], Counted::Exactly(9));
    assert_eq!(ground.logged("trial_answer").await.len(), 2);
    ground.desk.retire("trials", "roads", 2).await;
    look(&ground.app, false).await.expect("nothing to do");
    assert!(trials::answered(&ground.app.site).await.expect("readable").is_empty());
}

/// Once the form is published as it was tried, the documents' pages say what was counted, document by document.
#[tokio::test]
async fn pages_agree_with_the_count() {
    let ground = ground().await;
    let trial = Trial { form: NEXT.to_owned(), compared_with: 1, by: String::new(), at: Moment(7) };
    let drafted = forms::HeldForm::read(code("320500"), 2, &trial.form).expect("a form");
    let counted = forms::trying::count(&ground.app, drafted.into()).await.expect("counted");
    ground.desk.publish("forms", "roads", NEXT, 2).await;
    let mut shown = [0; 5];
    for (author, id) in
        ["a", "b", "c", "d", "e", "f", "g"].map(|id| ("320581", id)).into_iter().chain([("320581101", "t")])
    {
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
    assert_eq!(shown, [7, 5, 1, 4, 1], "counted by hand");
}

/// A county that keeps its numbers says so and nothing else, until it lets them go; a draft of a newer program is not
/// counted by one that does not know all of it, and says so too.
#[tokio::test]
async fn kept_or_not_understood() {
    let mut ground = ground().await;
    ground.app.settings.own.egress.trials = false;
    tried(&ground, NEXT, 1).await;
    look(&ground.app, false).await.expect("answered");
    assert_eq!(answered(&ground).await, Answer::Withheld);
    ground.app.settings.own.egress.trials = true;
    look(&ground.app, false).await.expect("answered");
    assert!(matches!(answered(&ground).await, Answer::Counted(_)));
    tried(&ground, &NEXT.replace("\"kind\":\"yes_no\"", "\"kind\":\"hologram\""), 2).await;
    look(&ground.app, false).await.expect("answered");
    assert_eq!(answered(&ground).await, Answer::Unable);
}
