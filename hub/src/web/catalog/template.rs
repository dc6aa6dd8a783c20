//! The empty form of a catalog's table: the columns that its import reads, under the trade's words, with drop-downs.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use tongpin_console::duty::Duty;
use tongpin_console::web::list::{XLSX, attachment};
use tongpin_console::web::{PageError, Tone, notice};
use tongpin_console::workbook::{FormColumn, form_book, write_form};
use tongpin_domain::calendar::CALENDARS;
use tongpin_domain::form;
use tongpin_domain::intake;
use tongpin_domain::lang::Lang;

use super::View;
use super::fields::{Kind, Spec, specs};
use crate::ops::import::calendar_table;
use crate::web::Context;

/// Whether there is one: the columns of other catalogs are whatever the publisher makes them.
pub(super) fn exists(catalog: &str) -> bool {
    catalog == form::FORMS || catalog == CALENDARS || intake::columns(catalog).next().is_some()
}

/// The file.
pub(in crate::web) async fn get(cx: Context, Path(name): Path<String>) -> Result<Response, PageError> {
    let view = View::open(cx, name, &[Duty::Enter]).await?;
    let lang = view.cx.lang();
    if !exists(&view.name) {
        let why =
            lang.pick("这个目录没有固定的列，没有模板", "this catalog has no columns of its own, and no template");
        return view.show(&notice(Tone::Warn, why), StatusCode::NOT_FOUND).await;
    }
    let written = match view.name.as_str() {
        form::FORMS => form_book::template(),
        CALENDARS => write_form(&DAYS),
        name => write_form(&columns(name)),
    };
    match written {
        Ok(bytes) => Ok(attachment(bytes, XLSX, &format!("{}模板.xlsx", view.called()))),
        Err(error) => {
            tracing::error!(%error, catalog = view.name, "a template could not be written");
            let why = lang.pick("模板无法生成，请联系技术支持", "the template could not be made; ask for support");
            view.show(&notice(Tone::Bad, why), StatusCode::INTERNAL_SERVER_ERROR).await
        }
    }
}

/// The columns of the import, explained and with choices as the form in the browser has them.
fn columns(catalog: &str) -> Vec<FormColumn<'static>> {
    let specs = specs(catalog);
    let column = |(name, word, needed): (&str, &'static str, bool)| {
        let spec = specs.iter().find(|spec| spec.name == name);
        FormColumn { name: word, needed, how: spec.map_or(AUDIENCE, how), choices: spec.map_or(&[], choices) }
    };
    intake::column_facts(catalog).map(column).collect()
}

/// The columns of a table of days.
const DAYS: [FormColumn<'static>; 3] = [
    FormColumn {
        name: calendar_table::DAY[0], needed: true, how: "日期，如 2025-01-01；一天一行", choices: &[]
    },
    FormColumn { name: calendar_table::KIND[0], needed: true, how: "", choices: &calendar_table::KINDS },
    FormColumn { name: calendar_table::NAME[0], needed: false, how: "节日名称，只供查看", choices: &[] },
];

/// The one column that is no field of an entry.
const AUDIENCE: &str = "*（全部）、-（仅本级）或区划代码；不填的，专家按共享范围，其余发给全部";

fn how(spec: &Spec) -> &'static str {
    match spec.kind {
        _ if !spec.hint(Lang::Zh).is_empty() => spec.hint(Lang::Zh),
        Kind::One(_) | Kind::YesNo => "从下拉列表中选",
        Kind::Any(_) => "可填几个，用分号隔开",
        Kind::Day => "日期，如 2024-05-31",
        Kind::Known => "与已有条目用同样的写法",
        Kind::Method => "取自现行计分规则",
        Kind::Line | Kind::Text => "",
    }
}

fn choices(spec: &Spec) -> &'static [&'static str] {
    match spec.kind {
        Kind::One(words) => words,
        Kind::YesNo => &["是", "否"],
        _ => &[],
    }
}
