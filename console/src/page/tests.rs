//! Shows that the page escapes what others wrote, asks nobody else for anything, and speaks both languages.

use super::*;

const CHINESE: View = View { lang: Lang::Zh, still: false };

fn page() -> StatusPage {
    StatusPage {
        title: "张家港市".into(),
        facts: vec![
            Fact::new("上级", "已连接", State::Good),
            Fact::new("证书", "5 天后到期", State::Warn).hint("将自动续期;如未续期请查看日志"),
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
        title: evil.into(),
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
    let html = document(&page, CHINESE).into_string();
    assert!(!html.contains("<script"), "{html}");
    // Title twice, three in the fact, title, header and two cells of one table, the other's empty text: ten in all.
    assert_eq!(html.matches("&lt;script&gt;alert(1)&lt;/script&gt;").count(), 10);
}

/// Shows that the page needs nothing from elsewhere and no script: it works in a network without any way out.
#[test]
fn nothing_is_loaded_from_outside() {
    let html = document(&page(), CHINESE).into_string();
    for outside in
        ["http:", "https:", "//", "src=", "url(", "@import", "<script", "<link", "<iframe", "<form", " style="]
    {
        assert!(!html.contains(outside), "{outside} in {html}");
    }
    let links: Vec<&str> = html.split("href=\"").skip(1).map(|rest| rest.split('"').next().expect("a link")).collect();
    assert_eq!(links, ["/?still=1", "/?lang=en"]);
}

/// Shows facts with their state as a word and not as a colour only, the hint, rows, and the text for an empty table.
#[test]
fn facts_and_tables_are_shown() {
    let html = document(&page(), CHINESE).into_string();
    assert!(
        html.contains("<div class=\"warn\"><dt>证书</dt><dd>5 天后到期 <span class=\"mark warn\">注意</span></dd>")
    );
    assert!(html.contains("<dd class=\"hint\">将自动续期"));
    assert!(html.contains("<th scope=\"row\">指标库</th><td>3 <span class=\"mark bad\">异常</span></td>"), "{html}");
    assert!(html.contains("尚无归集任务") && !html.contains("尚无目录"));
    // The worst of the facts, 注意, stands beside the title.
    assert!(html.contains("<h1>张家港市 <span class=\"mark warn\">注意</span></h1>"), "{html}");
}

/// Shows that the page loads itself anew unless that was switched off, and says its language.
#[test]
fn refresh_and_language_can_be_switched() {
    let refresh = "http-equiv=\"refresh\" content=\"10\"";
    let html = document(&page(), CHINESE).into_string();
    assert!(html.contains(refresh) && html.contains("lang=\"zh-CN\"") && html.contains("每 10 秒自动刷新"));
    let html = document(&page(), View { lang: Lang::En, still: true }).into_string();
    assert!(!html.contains(refresh) && html.contains("<html lang=\"en\">") && html.contains("Attention"));
    assert!(html.contains("href=\"/?lang=en\"") && html.contains("href=\"/?still=1\""), "{html}");
}
