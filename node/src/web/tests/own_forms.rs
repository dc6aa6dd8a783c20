//! Shows that a county makes forms of its own: drafted by one person, published by another, offered beside the city's.

use tongpin_console::workbook::form_book;
use tongpin_domain::catalog::CatalogId;
use tongpin_domain::form::{DOCUMENT, Definition, Expression, FORMS, Field, Kind};

use super::ground::{Ground, Reader, Shown};
use super::hidden;
use crate::ops::ground::{code, row};

/// A form of the county's own as its workbook.
fn book(change: impl FnOnce(&mut Definition)) -> Vec<u8> {
    let mut form = form_book::pattern();
    (form.code, form.title) = ("rural_water".to_owned(), "农村供水维修养护台账".to_owned());
    change(&mut form);
    form_book::write(&form).expect("a small workbook")
}

/// Hands a file in as the page asks for it, with the draft that the page showed.
async fn hand_in(reader: &Reader, note: &str, book: &[u8]) -> Shown {
    let seen = hidden(&reader.get("/own-forms").await.text, "seen");
    reader.upload("/own-forms", &[("seen", &seen), ("note", note)], ("台账.xlsx", book)).await
}

/// A workbook becomes a draft, which its drafter cannot publish; another person does, and then it is offered like any
/// form. A draft that changed after it was looked at is not published.
#[tokio::test]
async fn made_and_published() {
    let ground = Ground::new().await;
    let (enters, approves) = (ground.reader("enter").await, ground.reader("approve").await);
    assert!(enters.get("/own-forms").await.text.contains("还没有发布本级表单"));
    assert!(enters.file("/own-forms/template.xlsx").await.starts_with(b"PK"));
    let before = hidden(&enters.get("/own-forms").await.text, "seen");
    let answer = hand_in(&enters, "县政办〔2026〕8号", &book(|_| ())).await;
    assert_eq!((answer.status, answer.location.as_str()), (303, "/own-forms"), "{}", answer.text);
    let page = enters.get("/own-forms").await;
    assert!(page.text.contains("新表单，还没有单据") && page.text.contains("县政办〔2026〕8号"), "{}", page.text);
    assert!(!page.text.contains("/own-forms/draft/publish"), "who does not approve publishes nothing");
    assert!(enters.get("/own-forms/rural_water").await.text.contains("下达资金"));
    assert_eq!(ground.app.site.store.heads().await.expect("readable").len(), 2, "nothing is published");

    let seen = hidden(&approves.get("/own-forms").await.text, "draft");
    let unsure = approves.post("/own-forms/draft/publish", &[("draft", &seen)]).await;
    assert!(unsure.status == 422 && unsure.text.contains("请勾选"), "{}", unsure.text);
    let more = book(|form| form.fields.push(Field::new("pipes", "管网长度", Kind::Decimal)));
    let late = enters.upload("/own-forms", &[("seen", &before)], ("台账.xlsx", &more)).await;
    assert!(late.status == 422 && late.text.contains("别人刚改了"), "what stands there was not seen: {}", late.text);
    assert_eq!(hand_in(&enters, "", &more).await.status, 303);
    let stale = approves.post("/own-forms/draft/publish", &[("draft", &seen), ("sure", "1")]).await;
    assert!(stale.status == 422 && stale.text.contains("有改动，没有发布"), "{}", stale.text);
    let seen = hidden(&approves.get("/own-forms").await.text, "draft");
    let done = approves.post("/own-forms/draft/publish", &[("draft", &seen), ("sure", "1")]).await;
    assert_eq!((done.status, done.location.as_str()), (303, "/own-forms"), "{}", done.text);
    let id = CatalogId::new(code("320581"), FORMS);
    assert_eq!(ground.app.site.store.head(&id).await.expect("readable").map(|head| head.number), Some(1));
    // Whoever looked before it was published has not seen what is in force now.
    let late = [("seen", before.as_str()), ("note", "县政办〔2026〕9号")];
    let late = enters.upload("/own-forms", &late, ("台账.xlsx", &book(|_| ()))).await;
    assert!(late.status == 422 && late.text.contains("发布了本级表单的草稿"), "{}", late.text);
    assert!(late.text.contains("value=\"县政办〔2026〕9号\""), "what was typed stays: {}", late.text);
    assert!(ground.app.store().draft(&id).await.expect("readable").is_none());
    assert!(enters.get("/forms").await.text.contains("农村供水维修养护台账"));
    assert_eq!(enters.get("/forms/rural_water/new").await.status, 200);
    let logged = ground.logged("catalog_publish").await;
    assert_eq!(logged.len(), 2, "once refused, once done");
    assert_eq!(logged[0].2, "本级表单，第 1 版");
}

/// A file that is wrong is told at its cell and leaves no draft; a code of the city's is refused; documents that could
/// not be read any more keep a change from being published.
#[tokio::test]
async fn what_is_refused() {
    let ground = Ground::new().await;
    let (enters, approves) = (ground.reader("enter").await, ground.reader("approve").await);
    let form = r#"{"code":"roads","title":"路况表","fields":[{"name":"km","title":"里程","kind":"decimal"}]}"#;
    ground.desk.publish(FORMS, "roads", form, 1).await;
    // Documents of a retired form are kept for ever, and its code with them.
    for retired in [false, true] {
        if retired {
            ground.desk.retire(FORMS, "roads", 2).await;
        }
        let taken = hand_in(&enters, "", &book(|form| form.code = "roads".to_owned())).await;
        assert!(taken.status == 422 && taken.text.contains("上级没有用过的编码"), "{}", taken.text);
    }
    let nameless = hand_in(&enters, "", &book(|form| form.fields[0].title.clear())).await;
    assert!(nameless.status == 422 && nameless.text.contains("中文名"), "{}", nameless.text);
    let unchosen = enters.upload("/own-forms", &[], ("", b"")).await;
    assert!(unchosen.status == 422 && unchosen.text.contains("aria-invalid=\"true\""), "{}", unchosen.text);
    let none = enters.upload("/own-forms", &[], ("表.toml", b"code = 1")).await;
    assert!(none.status == 422 && none.text.contains("没有存入草稿"), "{}", none.text);
    assert!(!enters.get("/own-forms").await.text.contains("待发布的草稿"));

    publish(&enters, &approves, &book(|_| ())).await;
    let body = r#"{"form":"rural_water","publisher":"320581","release":1,"id":"x","subject":"320581",
        "subject_name":"常熟市","period":"2026","version":1,"turn":0,"state":"draft","given":{"amount":"5"},"changed_at":0}"#;
    ground.desk.put(&[row(DOCUMENT, "rural_water/x", Ok(body.to_owned()))]).await;
    let other = book(|form| form.fields[0].kind = Kind::Day);
    assert_eq!(hand_in(&enters, "", &other).await.status, 303);
    let page = approves.get("/own-forms").await;
    assert!(page.text.contains("不能发布"), "{}", page.text);
    let seen = hidden(&page.text, "draft");
    let refused = approves.post("/own-forms/draft/publish", &[("draft", &seen), ("sure", "1")]).await;
    assert!(refused.status == 422 && refused.text.contains("没有发布"), "{}", refused.text);
    let seen = hidden(&page.text, "drafted");
    assert_eq!(enters.post("/own-forms/draft/discard", &[("sure", "1"), ("drafted", &seen)]).await.status, 303);

    let none = [("seen", hidden(&enters.get("/own-forms").await.text, "seen"))];
    let none = none.each_ref().map(|(name, value)| (*name, value.as_str()));
    let unknown = enters.post("/own-forms/nothing/retire", &none).await;
    assert!(unknown.status == 422 && unknown.text.contains("没有这张本级表单"), "{}", unknown.text);
    assert_eq!(enters.post("/own-forms/rural_water/retire", &none).await.status, 303);
    let page = approves.get("/own-forms").await;
    assert!(page.text.contains("待停用"), "{}", page.text);
    let seen = hidden(&page.text, "draft");
    assert_eq!(approves.post("/own-forms/draft/publish", &[("draft", &seen), ("sure", "1")]).await.status, 303);
    assert_eq!(enters.get("/forms/rural_water/new").await.status, 404, "nobody begins one any more");
    assert_eq!(enters.get("/forms/rural_water/320581/x").await.status, 200, "what is there stays readable");
}

async fn publish(enters: &Reader, approves: &Reader, book: &[u8]) {
    assert_eq!(hand_in(enters, "", book).await.status, 303);
    let seen = hidden(&approves.get("/own-forms").await.text, "draft");
    assert_eq!(approves.post("/own-forms/draft/publish", &[("draft", &seen), ("sure", "1")]).await.status, 303);
}

/// A township has nobody below: it makes no forms.
#[tokio::test]
async fn not_in_a_township() {
    let ground = Ground::of("320581101", "320581").await;
    let enters = ground.reader("enter").await;
    assert_eq!(enters.get("/own-forms").await.status, 404);
    assert!(!enters.get("/forms").await.text.contains("/own-forms"));
    assert_eq!(enters.upload("/own-forms", &[], ("表.xlsx", &book(|_| ()))).await.status, 404);
}

/// A form of the county's own that names a number which the city's rules do not have is refused with the sentence; with
/// one that they have it is published.
#[tokio::test]
async fn numbers_of_the_rules() {
    let ground = Ground::new().await;
    let (enters, approves) = (ground.reader("enter").await, ground.reader("approve").await);
    let by = |path: &str| {
        book(|form| {
            let mut due = Field::new("due", "应得分", Kind::Decimal);
            due.derived =
                Some(Expression::Product(vec![Expression::field("amount"), Expression::Rule(path.to_owned())]));
            form.fields.push(due);
        })
    };
    assert_eq!(hand_in(&enters, "", &by("ratings.9.from")).await.status, 303);
    let said = "字段 due：已发布的计分规则中没有参数“ratings.9.from”";
    let page = approves.get("/own-forms").await;
    assert!(page.text.contains(said), "{}", page.text);
    let seen = hidden(&page.text, "draft");
    let refused = approves.post("/own-forms/draft/publish", &[("draft", &seen), ("sure", "1")]).await;
    assert!(refused.status == 422 && refused.text.contains(said), "{}", refused.text);
    publish(&enters, &approves, &by("ratings.2.from")).await;
}
