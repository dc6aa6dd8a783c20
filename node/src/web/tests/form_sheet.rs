//! A filled official sheet of one document whose cells cannot be read is refused, and comes back with those marked.

use std::collections::BTreeSet;

use serde_json::json;
use tongpin_console::workbook::{self, Marks};
use tongpin_domain::form::DOCUMENT;

use super::ground::Ground;
use super::{cells_of, retyped};
use crate::ops::ground::row;

const FORM: &str = r#"{"code":"roads","title":"路况表","subject":{"of":"region","per":"quarter"},"fields":[
    {"name":"issued","title":"下达资金","kind":"money","required":true},
    {"name":"day","title":"到位日期","kind":"day"},
    {"name":"note","title":"说明","kind":"line"}]}"#;
const AT: &str = "/forms/roads/320581/x";

/// The file comes back as it was sent but for the cells that cannot be read, which are red; corrected there it is
/// taken. It is there for whoever sent it, for an hour.
#[tokio::test]
async fn wrong_cells_come_back_marked() {
    let ground = Ground::new().await;
    ground.desk.publish("forms", "roads", FORM, 1).await;
    let document = json!({ "form": "roads", "publisher": "320500", "release": 1, "id": "x", "subject": "320581",
        "subject_name": "常熟市", "period": "2026Q3", "version": 1, "turn": 0, "state": "draft",
        "given": { "issued": "400000.00", "day": "2026-05-06", "note": "照旧" }, "changed_at": 0 });
    ground.desk.put(&[row(DOCUMENT, "roads/x", Ok(document.to_string()))]).await;
    let clerk = ground.reader("enter").await;
    let file = clerk.file(&format!("{AT}/sheet.xlsx")).await;
    let (name, [day, note]) = cells_of(&file, ["2026-05-06", "照旧"]);
    let write = |file: &[u8], at: (u32, u16), text: &str| retyped(file, (&name, &name), &[(at.0, at.1, text)], |_| {});
    let sent = write(&write(&file, day, "开春以后"), note, "改了");
    let shown = clerk.upload(&format!("{AT}/sheet"), &[], ("填好的.xlsx", &sent)).await;
    assert!(shown.status == 422 && shown.text.contains("没有导入任何内容"), "{}", shown.text);
    let link = shown.text.split("href=\"").find(|part| part.contains("/marked.xlsx\"")).expect("a way to it");
    let link = link.split('"').next().expect("an address");
    let marked = clerk.file(link).await;
    let red = Marks { sheet: &name, cells: BTreeSet::from([(day.0, u32::from(day.1))]), said: None };
    assert!(marked == workbook::mark(&sent, &red).expect("marked"), "this cell and no other");
    assert_ne!(marked, sent);
    assert_eq!(ground.reader("read").await.get(link).await.status, 403);
    let none = clerk.get(&format!("{AT}/sheet/none/marked.xlsx")).await;
    assert_eq!((none.status, none.location.as_str()), (303, format!("{AT}/edit").as_str()));
    assert!(clerk.get(&none.location).await.text.contains("上传的文件已不在"));

    let corrected = write(&marked, day, "2026-06-01");
    let done = clerk.upload(&format!("{AT}/sheet"), &[], ("填好的.xlsx", &corrected)).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let page = clerk.get(AT).await.text;
    assert!(page.contains("改了") && page.contains("2026-06-01"), "{page}");
    let back = clerk.get(&format!("{AT}/sheet")).await;
    assert_eq!((back.status, back.location.as_str()), (303, AT));
}
