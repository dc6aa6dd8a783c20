//! A catalog's file in the browser: shown line by line first, taken in one of two ways, and never over what somebody
//! else has done meanwhile.

use super::*;

const DRAFT: &str = "/catalogs/regions/draft";
/// Of the two divisions one has another name, and there is a third; 苏州市 is not in the file.
const FILE: &str = "code,name,level,parent_code,mof_div_code,kind,alias_codes,note\n\
    320581,常熟,县,320500,320581000,县级市,,\n320585,太仓市,县,320500,320585000,县级市,,\n";

/// A hub whose two divisions are published, and somebody who drafts.
async fn published(ground: &Ground) -> Reader<'_> {
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let publisher = ground.reader("fabu", &[Duty::Publish]).await;
    clerk.import("regions", "regions.csv", REGIONS).await;
    let (status, shown) = publisher.send("/catalogs/regions/publish", &[("sure", "1")]).await;
    assert_eq!(status, 303, "{shown}");
    clerk
}

/// The draft's drafters, note, and entries with their names.
async fn drafted(ground: &Ground) -> Option<(String, String, Vec<(String, String)>)> {
    let draft = ground.app.store().draft(&ground.app.catalog("regions")).await.expect("readable")?;
    let name = |body: &str| tongpin_domain::catalog::changed::title(body);
    let entries = draft.entries.iter().map(|entry| (entry.key.clone(), name(&entry.body))).collect();
    Some((draft.by, draft.note, entries))
}

fn entries(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, name)| ((*key).to_owned(), (*name).to_owned())).collect()
}

/// The preview tells each entry's fate and the counts of both ways, and changes nothing; merging keeps what the file
/// lacks, and the log tells what was done, once.
#[tokio::test]
async fn merged_once_confirmed() {
    let ground = Ground::new().await;
    let clerk = published(&ground).await;
    let (status, shown) = clerk.upload(DRAFT, &clerk.csrf, "更新.csv", FILE).await;
    assert_eq!(status, 200, "{shown}");
    for told in [
        "与已发布的第 1 版（2 条）相比",
        "value=\"merge\" checked",
        "只新增和更新（文件里没有的条目保留）",
        "新增 1 条，修改 1 条，停用 0 条，不变 1 条",
        "整份替换（文件里没有的条目停用）",
        "新增 1 条，修改 1 条，停用 1 条，不变 0 条",
        "<td>2</td><th scope=\"row\">320581</th>",
        "名称：常熟市 → 常熟",
        "<td>3</td><th scope=\"row\">320585</th>",
        "文件里没有的条目（1 条）",
    ] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    assert_eq!(drafted(&ground).await, None, "a preview drafts nothing");
    assert_eq!(ground.logged("catalog_draft").await.len(), 1, "of the first import only");
    let (status, told) = clerk.confirm("regions", &shown, "merge").await;
    assert!(status == 303 && told.contains("已存为草稿：新增 1 条，修改 1 条，停用 0 条，不变 1 条"), "{told}");
    let (by, note, held) = drafted(&ground).await.expect("a draft");
    assert_eq!((by.as_str(), note.as_str()), ("jingban岗（jingban）", "2025 年版"));
    assert_eq!(held, entries(&[("320500", "苏州市"), ("320581", "常熟"), ("320585", "太仓市")]));
    let logged = ground.logged("catalog_draft").await;
    let said = "更新.csv，2 条，错误 0 处；只新增和更新：新增 1 条，修改 1 条，停用 0 条，不变 1 条";
    assert_eq!(logged[1..], [("jingban".to_owned(), said.to_owned(), true)]);
    let (status, told) = clerk.confirm("regions", &shown, "merge").await;
    assert!(status == 409 && told.contains("上传的文件已不在"), "{told}");
    let (status, shown) = clerk.upload(DRAFT, &clerk.csrf, "更新.csv", "code,name\n").await;
    assert!(status == 422 && shown.contains("没有导入") && !shown.contains("draft/confirm"), "{shown}");
}

/// Somebody else's draft is named, and the choice says what becomes of it: merged into, it keeps its changes and its
/// drafter; replaced, neither.
#[tokio::test]
async fn beside_a_draft_of_somebody() {
    let ground = Ground::new().await;
    published(&ground).await;
    let first = ground.reader("jingban1", &[Duty::Enter]).await;
    let second = ground.reader("jingban2", &[Duty::Enter]).await;
    let suzhou = REGIONS.replace("苏州市", "苏州").replace("320581,", "320582,");
    first.import("regions", "甲.csv", &suzhou).await;
    let (_, shown) = second.upload(DRAFT, &second.csrf, "乙.csv", FILE).await;
    for told in [
        "已有草稿，经办 jingban1岗（jingban1），",
        "与这份草稿（3 条）相比",
        "只新增和更新（并入现有草稿，文件里没有的条目保留）",
        "新增 1 条，修改 1 条，去掉 0 条，不变 2 条",
        "整份替换（取代现有草稿，草稿中其他改动不保留，文件里没有的条目停用）",
        "新增 1 条，修改 1 条，去掉 2 条，不变 0 条",
        "<span class=\"mark bad\">停用</span>",
        "<span class=\"mark bad\">从草稿去掉</span>",
    ] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    assert_eq!(second.confirm("regions", &shown, "merge").await.0, 303);
    let all = [("320500", "苏州"), ("320581", "常熟"), ("320582", "常熟市"), ("320585", "太仓市")];
    let (by, _, held) = drafted(&ground).await.expect("a draft");
    assert_eq!((by.as_str(), held), ("jingban1岗（jingban1）、jingban2岗（jingban2）", entries(&all)));

    let (_, shown) = second.upload(DRAFT, &second.csrf, "乙.csv", FILE).await;
    assert!(shown.contains("新增 0 条，修改 0 条，去掉 2 条，不变 2 条"), "{shown}");
    assert!(shown.contains("文件中未变的条目（2 条）"), "{shown}");
    let (status, told) = second.confirm("regions", &shown, "merge").await;
    assert!(status == 303 && told.contains("没有变更"), "{told}");
    assert_eq!(second.confirm("regions", &shown, "replace").await.0, 303);
    let (by, _, held) = drafted(&ground).await.expect("a draft");
    assert_eq!((by.as_str(), held), ("jingban2岗（jingban2）", entries(&[all[1], all[3]])));
    let (_, shown) = second.upload(DRAFT, &second.csrf, "乙.csv", FILE).await;
    assert!(shown.contains("没有变更") && !shown.contains("draft/confirm"), "{shown}");
}

/// What somebody drafts between a preview and its confirmation is not overwritten: the preview is shown anew beside it,
/// and confirms then. A preview of one account, or of one catalog, is nothing to another.
#[tokio::test]
async fn overtaken_before_it_is_confirmed() {
    let ground = Ground::new().await;
    let clerk = published(&ground).await;
    let other = ground.reader("jingban2", &[Duty::Enter]).await;
    let (_, shown) = clerk.upload(DRAFT, &clerk.csrf, "更新.csv", FILE).await;
    let [file, seen] = ["file", "seen"].map(|name| hidden(&shown, name));
    let fields = [("file", file.as_str()), ("seen", &seen), ("way", "replace")];
    let (status, told) = other.send("/catalogs/regions/draft/confirm", &fields).await;
    assert!(status == 409 && told.contains("上传的文件已不在"), "{told}");
    assert_eq!(drafted(&ground).await, None);
    let (status, _) = clerk.send("/catalogs/experts/draft/confirm", &fields).await;
    assert_eq!(status, 422, "no roster of experts");

    other.import("regions", "别人.csv", REGIONS.replace("苏州市", "苏州")).await;
    let theirs = drafted(&ground).await;
    let (status, again) = clerk.confirm("regions", &shown, "replace").await;
    assert!(status == 409 && again.contains("在您查看之后，目录或草稿有改动，没有写入"), "{again}");
    assert!(again.contains("已有草稿，经办 jingban2岗（jingban2）"), "{again}");
    assert_eq!(drafted(&ground).await, theirs);
    let refused = ground.logged("catalog_draft").await.pop().expect("an entry");
    assert_eq!(refused, ("jingban".to_owned(), "更新.csv：预览之后草稿有改动，未写入".to_owned(), false));
    assert_eq!(clerk.confirm("regions", &again, "merge").await.0, 303);
    let (_, _, held) = drafted(&ground).await.expect("a draft");
    assert_eq!(held, entries(&[("320500", "苏州"), ("320581", "常熟"), ("320585", "太仓市")]));
}

/// A file of one entry only joins the draft: there is no choice to lose the others.
#[tokio::test]
async fn one_entry_joins() {
    let ground = Ground::new().await;
    let clerk = ground.reader("jingban", &[Duty::Enter]).await;
    let sample = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/rules.toml");
    let sample = std::fs::read_to_string(sample).expect("a sample");
    clerk.import("rules", "rules.toml", &sample).await;
    let other = sample.replace("name = \"project-self-evaluation\"", "name = \"other\"");
    let (status, shown) = clerk.upload("/catalogs/rules/draft", &clerk.csrf, "other.toml", &other).await;
    assert!(status == 200 && shown.contains("value=\"merge\"") && !shown.contains("value=\"replace\""), "{shown}");
    assert_eq!(clerk.confirm("rules", &shown, "replace").await.0, 303);
    let draft = ground.app.store().draft(&ground.app.catalog("rules")).await.expect("readable").expect("one");
    assert_eq!(
        draft.entries.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(),
        ["other", "project-self-evaluation"]
    );
}
