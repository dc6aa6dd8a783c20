//! `/api`: how the API is called, for those who write a department's system. The page is drawn from the
//! document that programs read (`openapi.json`), so that the two say the same.

use axum::Router;
use axum::extract::Extension;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde_json::Value;
use tongpin_console::duty::Duty;
use tongpin_console::web::{Context, PageError, Tone, Web, notice};
use tongpin_domain::lang::Lang;

/// The document, written by hand. Tests hold that it names every address and field, and no other.
const DOCUMENT: &str = include_str!("openapi.json");
/// Who may read about the API: who gives out tokens, and who does the work that it takes over.
const READERS: &[Duty] = &[Duty::System, Duty::Security, Duty::Enter, Duty::Approve, Duty::Read];
/// The methods, in the order in which they are shown.
const METHODS: [&str; 5] = ["get", "put", "patch", "post", "delete"];

/// The document, read once.
#[derive(Clone)]
struct Guide(std::sync::Arc<Value>);

/// The pages about the API.
pub(crate) fn pages() -> Router<Web> {
    let document = document();
    Router::new()
        .route("/api", get(show))
        .route("/api/openapi.json", get(file))
        .layer(Extension(Guide(std::sync::Arc::new(document))))
}

/// The document as data; a test holds that it can be read.
pub(crate) fn document() -> Value {
    serde_json::from_str(DOCUMENT).unwrap_or_default()
}

async fn file(cx: Context) -> Result<Response, PageError> {
    cx.must(READERS).await?;
    Ok(([(header::CONTENT_TYPE, "application/json; charset=utf-8")], DOCUMENT).into_response())
}

async fn show(cx: Context, Extension(Guide(document)): Extension<Guide>) -> Result<Response, PageError> {
    cx.must(READERS).await?;
    let lang = cx.lang();
    let body = html! {
        @if lang == Lang::En { (notice(Tone::Warn, "The description is in Chinese; field names and codes are English.")) }
        p { (word(&document["info"], "description")) }
        p { a href="/api/openapi.json" download="openapi.json" { (lang.pick("下载 OpenAPI 文件", "The OpenAPI document")) } }
        @for (path, item) in object(&document["paths"]) {
            @for method in METHODS {
                @if let Some(operation) = item.get(method) { (self::operation(path, method, operation, item, lang)) }
            }
        }
        h2 { (lang.pick("数据结构", "Data")) }
        @for (name, schema) in object(&document["components"]["schemas"]) { (self::schema(name, schema, lang)) }
    };
    Ok(cx.page(lang.pick("接口说明", "How to call the API")).show(&body))
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn operation(path: &str, method: &str, operation: &Value, item: &Value, lang: Lang) -> Markup {
    let both = item["parameters"].as_array().into_iter().chain(operation["parameters"].as_array()).flatten();
    let parameters: Vec<&Value> = both.collect();
    let body = &operation["requestBody"]["content"]["application/json"];
    html! {
        section {
            h2 { (word(operation, "summary")) " " code.said { (method.to_uppercase()) " " (path) } }
            p { (word(operation, "description")) }
            @if !parameters.is_empty() {
                (table([lang.pick("参数", "parameter"), lang.pick("位置", "in"), lang.pick("说明", "about")], parameters.iter().map(|it| {
                    [word(it, "name").to_owned(), place(word(it, "in"), lang).to_owned(), word(it, "description").to_owned()]
                })))
            }
            @if !body.is_null() { p { (lang.pick("请求内容：", "Body: ")) (named(&body["schema"])) } }
            (table([lang.pick("应答", "answer"), lang.pick("内容", "content"), lang.pick("说明", "about")], object(&operation["responses"]).map(|(status, it)| {
                [status.clone(), named(&it["content"]["application/json"]["schema"]), word(it, "description").to_owned()]
            })))
            pre.said { code { (word(operation, "x-curl")) } }
        }
    }
}

fn schema(name: &str, schema: &Value, lang: Lang) -> Markup {
    html! {
        section {
            h3 { code { (name) } " " (word(schema, "description")) }
            (table([lang.pick("字段", "field"), lang.pick("类型", "type"), lang.pick("说明", "about")], object(&schema["properties"]).map(|(field, it)| {
                [field.clone(), named(it), word(it, "description").to_owned()]
            })))
        }
    }
}

fn table(heads: [&str; 3], rows: impl Iterator<Item = [String; 3]>) -> Markup {
    html! {
        div.wide { table {
            thead { tr { @for head in heads { th scope="col" { (head) } } } }
            tbody { @for [first, second, third] in rows { tr {
                th scope="row" { code { (first) } } td.said { (second) } td.said { (third) }
            } } }
        } }
    }
}

fn place(place: &str, lang: Lang) -> &str {
    match place {
        "query" => lang.pick("网址参数", "query"),
        "path" => lang.pick("网址", "path"),
        "header" => lang.pick("请求头", "header"),
        other => other,
    }
}

/// What a schema is called: the name of the one it refers to, or its types.
fn named(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return name.to_owned();
    }
    if !schema["items"].is_null() {
        return format!("[{}]", named(&schema["items"]));
    }
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "),
        kind => kind.as_str().unwrap_or_default().to_owned(),
    }
}
