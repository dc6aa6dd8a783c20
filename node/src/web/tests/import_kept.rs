//! A file that was examined is not examined again to turn the pages of its preview, until something that it was
//! compared with has changed; while it is at work the pages say how far it is, and no press of a button does anything
//! twice.

use std::sync::Arc;

use tongpin_console::web::Room;
use tongpin_domain::number::Typed;

use super::form_import::{self, IMPORT, ISSUED, changed, row_of};
use super::ground::{Ground, NOW, Reader, Shown};
use super::hidden;
use super::import::{held, lines};
use crate::ops::ground::row;
use crate::web::importing::Preview;

/// What is kept of the file of a preview.
fn kept(ground: &Ground, preview: &Shown) -> Arc<Preview> {
    let digest = hidden(&preview.text, "file");
    ground.uploads.kept_of("id of enter", &digest, NOW).expect("it is kept")
}

/// Asks a page of a file until it no more says that something goes on.
async fn done(reader: &Reader, address: &str) -> Shown {
    for _ in 0..3_000 {
        let shown = reader.get(address).await;
        if !shown.text.contains("data-soon") {
            return shown;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    unreachable!("{address} is never done")
}

/// The one file that waits, as the page of imports leads to it, beside what can be downloaded.
async fn waiting(reader: &Reader) -> String {
    let page = reader.get("/import").await.text;
    let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let files: Vec<&str> = links.filter(|it| it.starts_with("/import/") && !it.contains(".xlsx")).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].to_owned()
}

/// A page says that a file is at work, and leads on by itself.
fn says_at_work(shown: &Shown, file: &str, said: &str) {
    assert_eq!(shown.status, 200, "{}", shown.text);
    let leads_on = "<noscript><meta http-equiv=\"refresh\" content=\"2\"></noscript>";
    for part in [leads_on, "data-soon", "<progress", file, said] {
        assert!(shown.text.contains(part), "{part} is not in {}", shown.text);
    }
    assert!(!shown.text.contains("确认导入"));
}

/// Every page of every list and the marked file come of one examination; another language, whose words the preview does
/// not have, takes another.
#[tokio::test]
async fn pages_are_turned() {
    let ground = form_import::ground().await;
    let mut enters = ground.reader("enter").await;
    let documents: Vec<_> =
        (1..=70).map(|number| form_import::document(&format!("站{number:03}"), "draft", "10000.00")).collect();
    ground.desk.put(&documents).await;
    let file = enters.file("/forms/roads/data.xlsx").await;
    let sums: Vec<_> = (1..=70).map(|number| row_of(&file, &format!("站{number:03}"))).collect();
    let cells: Vec<_> = sums.iter().map(|at| ("数据", *at, ISSUED, "5")).collect();
    let file = changed(&file, &cells);
    let sent = enters.upload(IMPORT, &[], ("表.xlsx", &file)).await;
    let first = enters.get(&sent.location).await;
    assert!(first.text.contains("修改 70") && first.text.contains("下达资金（万元）：1 → 5"), "{}", first.text);
    let once = kept(&ground, &first);
    let second = enters.get(&format!("{}?list=changes&page=2", sent.location)).await;
    assert_eq!(second.text.matches("下达资金（万元）：1 → 5").count(), 20, "{}", second.text);
    assert!(enters.get(&format!("{}?list=conflicts", sent.location)).await.text.contains("修改 70"));
    assert!(enters.get(IMPORT).await.text.contains(&format!("href=\"{}\"", sent.location)), "it is found again");
    assert!(Arc::ptr_eq(&once, &kept(&ground, &first)));

    // A commit that has nothing to do with it changes nothing.
    ground.reader("read").await;
    enters.get(&sent.location).await;
    assert!(Arc::ptr_eq(&once, &kept(&ground, &first)));
    enters.cookie.push_str("; tongpin_lang=en");
    let english = enters.get(&sent.location).await;
    assert!(english.text.contains("70 changed"), "{}", english.text);
    assert!(!Arc::ptr_eq(&once, &kept(&ground, &first)));
}

/// What somebody else changes between two pages of a preview is a conflict on the second; the marked file tells it, and
/// confirming what the first page showed writes nothing.
#[tokio::test]
async fn a_change_between_two_pages() {
    let ground = form_import::ground().await;
    let enters = ground.reader("enter").await;
    let file = enters.file("/forms/roads/data.xlsx").await;
    let file =
        changed(&file, &[("数据", row_of(&file, "甲站"), ISSUED, "5"), ("数据", row_of(&file, "丙站"), ISSUED, "6")]);
    let sent = enters.upload(IMPORT, &[], ("表.xlsx", &file)).await;
    let first = enters.get(&sent.location).await;
    assert!(first.text.contains("修改 2") && first.text.contains("冲突 0"), "{}", first.text);
    let once = kept(&ground, &first);
    ground.desk.put(&[form_import::document("丙站", "draft", "40000.00")]).await;
    let second = enters.get(&format!("{}?list=changes&page=1", sent.location)).await;
    assert!(second.text.contains("修改 1，未变 1，不能导入 0，冲突 1"), "{}", second.text);
    assert!(second.text.contains("下达资金（万元）：4 → 6"), "{}", second.text);
    assert!(!Arc::ptr_eq(&once, &kept(&ground, &second)));
    let again = kept(&ground, &second);
    enters.file(&format!("{}/marked.xlsx", sent.location)).await;
    assert!(Arc::ptr_eq(&again, &kept(&ground, &second)));
    let stopped = form_import::confirm(&enters, &first).await;
    assert!(stopped.status == 409 && stopped.text.contains("在您查看之后"), "{}", stopped.text);
    assert_eq!(form_import::issued(&ground, "甲站").await, Some(tongpin_domain::form::Given::One("10000.00".into())));
    assert_eq!(form_import::confirm(&enters, &stopped).await.status, 303);
}

/// The same of a table, and of the guidance that it is read by.
#[tokio::test]
async fn a_table_in_between() {
    let ground = Ground::new().await;
    let enters = ground.reader("enter").await;
    let first = held(&ground).await.remove(0);
    let mut all = first.lines.clone();
    all[0].actual = Typed::parse("99.5%");
    all[0].indicator_code = Some("JY-9".into());
    let preview = enters.upload("/import", &[], ("指标.xlsx", &lines(&all))).await;
    let address = format!("/import/{}", hidden(&preview.text, "file"));
    let once = kept(&ground, &preview);
    assert!(enters.get(&address).await.text.contains("→ 99.5%"));
    assert!(Arc::ptr_eq(&once, &kept(&ground, &preview)));
    let mut meanwhile = first.lines[0].clone();
    meanwhile.actual = Typed::parse("98");
    let body = serde_json::to_string(&meanwhile);
    ground.desk.put(&[row("project_indicator", &meanwhile.record_key(), body)]).await;
    let shown = enters.get(&address).await.text;
    assert!(shown.contains("实际完成值：98 → 99.5%"), "{shown}");
    assert!(!shown.contains("指标库中没有这个代码"), "{shown}");
    let entry = r#"{"code":"JY-1","department":"教育局","level1":"产出","level2":"数量","name":"学位数","nature":"≥","unit":"个",
        "rule_type":"PROP_UP","agg_method":"累加"}"#;
    ground.desk.publish("indicators", "JY-1", entry, 1).await;
    let shown = enters.get(&address).await.text;
    assert!(shown.contains("指标库中没有这个代码"), "{shown}");
}

/// While a file is examined its page says so, whoever comes to it and however often the file is sent, and becomes the
/// preview; the same while it is written, which is done once however often the button is pressed, and told.
#[tokio::test]
async fn how_far_it_is() {
    let ground = Ground::impatient().await;
    let enters = ground.reader("enter").await;
    let first = held(&ground).await.remove(0);
    let mut all = first.lines.clone();
    all[0].actual = Typed::parse("99.5%");
    let file = lines(&all);
    let busy = Room::to_look_through(u64::MAX).await.expect("the others are done");
    // Each form is sent twice here, and this one a third time: the page that it leads to is the same.
    let shown = enters.upload("/import", &[], ("指标.xlsx", &file)).await;
    says_at_work(&shown, "指标.xlsx", "排队：等待其他文件处理完");
    let again = enters.upload("/import", &[], ("指标.xlsx", &file)).await;
    says_at_work(&again, "指标.xlsx", "排队");
    let address = waiting(&enters).await;
    let at = address.trim_start_matches("/import/");
    drop(busy);
    let preview = done(&enters, &address).await;
    assert!(preview.text.contains("确认导入") && preview.text.contains("→ 99.5%"), "{}", preview.text);

    let busy = Room::to_look_through(u64::MAX).await.expect("the others are done");
    let fields = [("file", at), ("effect", &hidden(&preview.text, "effect"))];
    for _ in 0..2 {
        let pressed = enters.post("/import/confirm", &fields).await;
        assert_eq!((pressed.status, pressed.location.as_str()), (303, address.as_str()), "{}", pressed.text);
    }
    let shown = enters.get(&address).await;
    says_at_work(&shown, "指标.xlsx", "<h1>正在导入</h1>");
    assert!(ground.logged("import").await.is_empty());
    drop(busy);
    let written = done(&enters, &address).await;
    assert_eq!((written.status, written.location.as_str()), (303, "/import"), "{}", written.text);
    assert!(enters.get("/import").await.text.contains("已导入项目绩效指标：新增 0，修改 1"));
    assert_eq!(held(&ground).await[0].lines, all);
    assert_eq!(ground.logged("import").await.len(), 1, "it is written once");
    assert_eq!(enters.get(&address).await.location, "/import", "told once");
    assert_eq!(enters.post("/import/confirm", &fields).await.status, 409);
}

/// A file that cannot be read says so at the same address; sent again it is looked at again, and so is one whose upload
/// is gone.
#[tokio::test]
async fn what_cannot_be_read() {
    let ground = Ground::impatient().await;
    let enters = ground.reader("enter").await;
    let file = "项目代码,年度\n".as_bytes();
    let busy = Room::to_look_through(u64::MAX).await.expect("the others are done");
    says_at_work(&enters.upload("/import", &[], ("a.csv", file)).await, "a.csv", "<h1>正在检查文件</h1>");
    let address = waiting(&enters).await;
    drop(busy);
    for _ in 0..2 {
        let refused = done(&enters, &address).await;
        assert!(refused.status == 422 && refused.text.contains("缺少 23 列"), "{}", refused.text);
    }
    let gone = enters.get(&format!("/import/{}", "0".repeat(64))).await;
    assert!(
        gone.status == 409 && gone.text.contains("系统重新启动过") && gone.text.contains("重新上传"),
        "{}",
        gone.text
    );
    let form = form_import::ground().await;
    let enters = form.reader("enter").await;
    let gone = enters.get(&format!("{IMPORT}/{}", "0".repeat(64))).await;
    assert!(gone.status == 409 && gone.text.contains("请先查看数据是否已导入"), "{}", gone.text);
}
