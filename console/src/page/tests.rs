//! Shows that the page escapes what others wrote, and says states as words.

use super::*;

fn page() -> StatusPage {
    StatusPage {
        facts: vec![
            Fact::new("上级", "已连接", State::Good),
            Fact::new("证书", "5 天后到期", State::Warn).hint("将自动续期；如未续期请查看日志"),
        ],
        tables: vec![
            Table {
                title: "目录".into(),
                headers: vec!["名称".into(), "版本".into()],
                rows: vec![vec!["指标库".into(), Cell::new("3", State::Bad)]],
                empty: "尚无目录".into(),
            },
            Table {
                title: "归集".into(), headers: vec!["名称".into()], rows: vec![], empty: "尚无归集任务".into()
            },
        ],
    }
}

/// Shows that text from outside cannot become markup, wherever it stands.
#[test]
fn everything_is_escaped() {
    let evil = "<script>alert(1)</script>\"'&";
    let page = StatusPage {
        facts: vec![Fact::new(evil, evil, State::Bad).hint(evil)],
        tables: vec![
            Table {
                title: evil.into(),
                headers: vec![evil.into()],
                rows: vec![vec![evil.into(), evil.into()]],
                empty: String::new(),
            },
            Table { empty: evil.into(), ..Table::default() },
        ],
    };
    let html = body(&page, Lang::Zh).into_string();
    assert!(!html.contains("<script"), "{html}");
    // Three in the fact, title, header and two cells of one table, the other's empty text: eight in all.
    assert_eq!(html.matches("&lt;script&gt;alert(1)&lt;/script&gt;").count(), 8);
}

/// Shows facts with their state as a word and not as a colour only, the hint, rows, and the text for an empty table.
#[test]
fn facts_and_tables_are_shown() {
    let html = body(&page(), Lang::Zh).into_string();
    assert!(
        html.contains("<div class=\"warn\"><dt>证书</dt><dd>5 天后到期 <span class=\"mark warn\">注意</span></dd>")
    );
    assert!(html.contains("<dd class=\"hint\">将自动续期"));
    assert!(
        html.contains("<th scope=\"row\">指标库</th><td class=\"code\">3 <span class=\"mark bad\">异常</span></td>"),
        "{html}"
    );
    assert!(html.contains("尚无归集任务") && !html.contains("尚无目录"));
}
