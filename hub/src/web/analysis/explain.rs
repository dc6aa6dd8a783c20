//! Where a figure comes from: its arithmetic in steps, and every report that went into it with its signature checked
//! now.

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use tongpin_console::web::PageError;
use tongpin_console::web::list::Asked;
use tongpin_domain::lang::{Lang, Say};
use tongpin_domain::rollup::pivot;

use super::super::Context;
use super::super::WORK;
use super::view::{View, names};
use crate::app::App;
use crate::failure::Failure;
use crate::ops::collected::Collected;
use crate::ops::rollup::explain::{Input, Inputs, explain};
use crate::ops::rollup::{self, measure, method_text};

/// What is told of a figure.
struct Explanation {
    title: String,
    method: String,
    steps: Vec<String>,
    notes: Vec<String>,
    inputs: Vec<Input>,
}

/// The address of the page that explains a figure.
pub(super) fn address(id: &str, query: &[(&str, &str)]) -> String {
    let escaped = |text: &str| -> String {
        let one = |byte: u8| {
            let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
            if plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
        };
        text.bytes().map(one).collect()
    };
    let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    format!("/analysis/{id}/explain?{}", pairs.join("&"))
}

/// The page.
pub(in crate::web) async fn get(cx: Context, Path(id): Path<String>, asked: Asked) -> Result<Response, PageError> {
    cx.must(&WORK).await?;
    let lang = cx.lang();
    let told = match asked.text("figure") {
        "" => of_dimension(&cx.app, &id, &asked, lang).await,
        figure => of_method(&cx.app, &id, figure, lang).await,
    };
    let told = told?;
    let back = match asked.text("by") {
        "" => format!("/analysis/{id}"),
        by => format!("/analysis/{id}?by={by}"),
    };
    let body = html! {
        p { (lang.pick("汇总方法：", "Method: ")) (told.method) }
        @if !told.steps.is_empty() {
            h2 { (lang.pick("怎么算的", "How it is computed")) }
            ol { @for step in &told.steps { li { (step) } } }
        }
        @for note in &told.notes { p.hint { (lang.pick("说明：", "Note: ")) (note) } }
        h2 { (lang.pick("计入的上报", "Reports that went into it")) }
        @if told.inputs.is_empty() {
            p.empty { (lang.pick("没有上报计入这个数。", "No report went into it.")) }
        } @else {
            @for input in &told.inputs { (draw(&id, input, lang)) }
        }
        div.row.noprint {
            button type="button" data-print { (lang.pick("打印", "Print")) }
            a href=(back) { (lang.pick("返回汇总分析", "Back to the analysis")) }
        }
    };
    Ok(cx.page(&told.title).show(&body))
}

async fn of_method(app: &App, id: &str, figure: &str, lang: Lang) -> Result<Explanation, Failure> {
    let computed = rollup::compute(app, id).await?;
    let explained = explain(app, &computed, figure, lang)?;
    Ok(Explanation {
        title: format!("{} {}", explained.figure, explained.name),
        method: method_text(computed.method, lang),
        steps: explained.steps,
        notes: explained.notes,
        inputs: explained.inputs,
    })
}

async fn of_dimension(app: &App, id: &str, asked: &Asked, lang: Lang) -> Result<Explanation, Failure> {
    let evidence = Collected::gather(app, id).await?;
    let key = asked.text("key");
    let found = View::of_word(&evidence.collection, asked.text("by")).and_then(|view| view.table(&evidence.collection));
    let Some((table, by)) = found else {
        return Err(Failure::input(
            "没有这个维度；请从汇总分析中点数进入",
            "there is no such dimension; come here from the analysis",
        ));
    };
    let lines = pivot(&evidence.reports(), table, by, &evidence.regions);
    let line = lines.into_iter().find(|line| line.key == key).ok_or_else(|| {
        Failure::input(format!("汇总中没有“{key}”；请从汇总分析中点数进入"), format!("there is no {key:?}"))
    })?;
    let merged = table.measures.iter().filter_map(|measure| {
        let partial = line.measures.get(&measure.id)?;
        let text = measure::text(Some(measure), partial, lang);
        Some(format!("{}{}{text}", measure::title(measure), lang.pick("：各单位合并为 ", ": together ")))
    });
    let inputs = Inputs { app, evidence: &evidence, lang };
    let inputs = inputs.of(&table.id, |_| true, |report, group| by.key(report, group, table, &evidence.regions) == key);
    let named = names(app, &evidence.regions).await?;
    let name = named.get(key).map_or(key, String::as_str);
    Ok(Explanation {
        title: format!("{name}：{}", evidence.collection.title),
        method: lang
            .pick(
                "各单位上报的中间量相加，不平均各单位的平均数",
                "what counties reported is added up; no mean of means",
            )
            .to_owned(),
        steps: merged.collect(),
        notes: vec![evidence.coverage.say(lang)],
        inputs,
    })
}

/// One report, with the way down to it.
fn draw(id: &str, input: &Input, lang: Lang) -> Markup {
    let address = format!("/collections/{id}/reports/{}?revision={}", input.region, input.revision);
    html! {
        h3 { a href=(address) { (input.name) (lang.pick(&format!(" 第 {} 次上报", input.revision), &format!(", revision {}", input.revision))) } }
        p {
            (lang.pick("收到 ", "received ")) (input.received_at)
            (lang.pick("，审核 ", ", approved by ")) (input.approved_by)
            (lang.pick("，规则 ", ", rules ")) (input.rules)
            (lang.pick("，摘要 ", ", digest ")) code { (input.digest.short()) } " "
            @if input.signature.valid { span class="mark good" { (lang.pick("签名有效", "signature holds")) } }
            @else { span class="mark bad" { (lang.pick("签名无效：", "signature does not hold: ")) (input.signature.detail) } }
        }
        ul { @for group in &input.groups {
            @let keys: Vec<&str> = group.keys.iter().map(String::as_str).filter(|key| !key.is_empty()).collect();
            li { (keys.join(" ")) (lang.pick(&format!("（{} 条记录）", group.records), &format!(" ({} records)", group.records))) "："
                (group.said.join(lang.pick("；", "; "))) }
        } }
    }
}
