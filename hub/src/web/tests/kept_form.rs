//! A form whose documents the program keeps as records of their own kind, designed by the city like any other.

use tongpin_domain::form::{Definition, FORMS, KeptAs};

use super::forms::Filled;
use super::*;

const GOAL: &str = include_str!("../../../../samples/forms/goal.toml");
const ENTRY: &str = "/catalogs/forms/entries/goal";

async fn drafted(ground: &Ground) -> Option<Definition> {
    let draft = ground.app.store().draft(&ground.app.catalog(FORMS)).await.expect("readable")?;
    let entry = draft.entries.into_iter().find(|entry| entry.key == "goal")?;
    Some(serde_json::from_str(&entry.body).expect("a form"))
}

/// The form of goals is published from its file, says on its page what it is, and takes a field more; what goals have
/// is not taken away, whether in its first release or later, and its workbook comes back as the same form.
#[tokio::test]
async fn the_form_of_goals() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let publisher = ground.reader("fabu", &[Duty::Publish]).await;
    let less = GOAL.replacen("name = \"phone\"", "name = \"telephone\"", 1);
    let (status, told) = clerk.import(FORMS, "goal.toml", &less).await;
    assert!(status == 422 && told.contains("联系电话") && told.contains("停用"), "{status}: {told}");
    // Another form does not take the code; what the first release changes is told against the form that is shipped.
    let bare = GOAL.replacen("kept_as = \"goal\"", "", 1);
    let (status, told) = clerk.import(FORMS, "goal.toml", &bare).await;
    assert!(status == 422 && told.contains("“goal”是沿用单据（项目绩效目标）的表单编码"), "{status}: {told}");
    let stricter = GOAL.replacen("name = \"phone\"", "name = \"phone\"\nrequired = true", 1);
    assert_eq!(clerk.import(FORMS, "goal.toml", &stricter).await.0, 303);
    let (_, shown) = publisher.open("/catalogs/forms/publish").await;
    assert!(shown.contains("“联系电话”改为必填") && !shown.contains("新表单，还没有单据"), "{shown}");
    assert!(shown.contains("发布后即按新版显示和填写") && !shown.contains("改用新版后，才受"), "{shown}");
    assert_eq!(clerk.import(FORMS, "goal.toml", GOAL).await.0, 303);
    assert_eq!(publisher.send("/catalogs/forms/publish", &[("sure", "1")]).await.0, 303);

    let book = clerk.file(&format!("{ENTRY}/book.xlsx")).await;
    let (status, shown) = clerk.upload_bytes("/catalogs/forms/draft", &clerk.csrf, "表单.xlsx", &book).await;
    assert_eq!(status, 200, "{shown}");
    assert_eq!(clerk.confirm(FORMS, &shown, "merge").await.0, 303);
    if let Some(form) = drafted(&ground).await {
        assert_eq!(&form, Definition::of_goals(), "the same form");
    }

    let design = format!("{ENTRY}/design");
    let (status, page) = clerk.open(&design).await;
    assert!(status == 200 && page.contains("沿用单据：项目绩效目标"), "{page}");
    assert!(!page.contains("s-order") && !page.contains("清单的表头"), "their list is that of the projects: {page}");
    let page = Filled::of(&Filled::of(&page).with("step", "add").send(&clerk, &design).await.1);
    let new = page.row("");
    let more = page.with(&format!("{new}-title"), "项目管理办法").with(&format!("{new}-kind"), "text");
    let rows = more.clone().with(&format!("{new}-kind"), "files").with("step", "save");
    let (status, told) = rows.send(&clerk, &design).await;
    assert!(status == 422 && told.contains("沿用单据的表单只有单值字段"), "{told}");
    let (status, told) = more.with("step", "save").send(&clerk, &design).await;
    assert_eq!(status, 303, "{told}");
    let form = drafted(&ground).await.expect("a draft");
    assert_eq!(form.kept_as, Some(KeptAs::Goal));
    assert!(form.fields.iter().any(|field| field.title == "项目管理办法"), "{form:?}");
    assert_eq!(form.flow, Definition::of_goals().flow);
}

/// Each form that the program ships is drafted from its file, and its workbook comes back as the same form.
#[tokio::test]
async fn every_kept_form() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let files = [
        (KeptAs::Project, include_str!("../../../../samples/forms/project.toml")),
        (KeptAs::Line, include_str!("../../../../samples/forms/project_indicator.toml")),
        (KeptAs::Month, include_str!("../../../../samples/forms/observation.toml")),
        (KeptAs::Evaluation, include_str!("../../../../samples/forms/self_evaluation.toml")),
        (KeptAs::Goal, GOAL),
    ];
    assert_eq!(files.len(), KeptAs::ALL.len());
    for (kept_as, text) in files {
        let code = kept_as.code();
        let (status, told) = clerk.import(FORMS, &format!("{code}.toml"), text).await;
        assert_eq!(status, 303, "{code}: {told}");
        let (status, page) = clerk.open(&format!("/catalogs/forms/entries/{code}/design?draft=1")).await;
        assert!(status == 200 && page.contains("沿用单据："), "{code}: {page}");
        let book = clerk.file(&format!("/catalogs/forms/entries/{code}/book.xlsx?draft=1")).await;
        let (status, shown) = clerk.upload_bytes("/catalogs/forms/draft", &clerk.csrf, "表单.xlsx", &book).await;
        assert_eq!(status, 200, "{code}: {shown}");
        assert_eq!(clerk.confirm(FORMS, &shown, "merge").await.0, 303);
        let draft = ground.app.store().draft(&ground.app.catalog(FORMS)).await.expect("readable").expect("a draft");
        let entry = draft.entries.into_iter().find(|entry| entry.key == code).expect("the entry");
        let form: Definition = serde_json::from_str(&entry.body).expect("a form");
        assert_eq!(Some(&form), kept_as.shipped(), "{code}: the same form");
    }
}

/// A city that asks something of projects beside and lets it leave collects it by the form of projects, with the sums
/// that every project has.
#[tokio::test]
async fn collected_beside() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let publisher = ground.reader("fabu", &[Duty::Publish]).await;
    let form = include_str!("../../../../samples/forms/project.toml");
    let bond = "\n[[fields]]\nname = \"bond\"\ntitle = \"专项债券\"\nkind = \"money\"\nleaves = [\"sum\"]\n";
    assert_eq!(clerk.import(FORMS, "project.toml", &format!("{form}{bond}")).await.0, 303);
    assert_eq!(publisher.send("/catalogs/forms/publish", &[("sure", "1")]).await.0, 303);
    let (_, page) = clerk.open("/collections/new").await;
    assert!(page.contains("template=form:project\""), "{page}");
    let (status, page) = clerk.open("/collections/new?template=form:project").await;
    assert!(status == 200 && page.contains("项目信息"), "{page}");
    let usual = crate::ops::collections::of_form::usual(&ground.app, "project", Some("2025")).await;
    let Ok(collection) = usual else { unreachable!("a collection") };
    let told: Vec<&str> = collection.tables[0].measures.iter().map(|it| it.title.as_str()).collect();
    assert_eq!(told, ["项目数", "全年预算数", "全年执行数", "专项债券合计"]);
    // What the program knows of projects leaves under its own name, and is not said to leave a second time.
    let own = form.replacen("name = \"budget_adjusted\"", "name = \"budget_adjusted\"\nleaves = [\"sum\"]", 1);
    let (status, told) = clerk.import(FORMS, "project.toml", &own).await;
    assert!(status == 422 && told.contains("可归集的只有项目和绩效指标表上增加的、由人填写的字段"), "{status}: {told}");
}
