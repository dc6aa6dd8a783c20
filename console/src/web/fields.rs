//! What a form sent: its fields by name, kept as they were typed.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, Form, FromRequest, Multipart, Request};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::refusal::{bare, said};
use super::room::{Busy, Room};
use super::visitor::Signed;

/// The fields of a form. A name may come more than once, as with check boxes.
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The field as it was typed, empty if it was not sent.
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// The field without spaces around it.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// Every value of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Every field with its value, in the order in which they were sent.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether a box was checked.
    #[must_use]
    pub fn checked(&self, name: &str) -> bool {
        !self.raw(name).is_empty()
    }
}

#[cfg(test)]
impl From<&[(&str, &str)]> for Fields {
    fn from(fields: &[(&str, &str)]) -> Self {
        Self(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let fields = Form::<Vec<(String, String)>>::from_request(request, state).await;
        fields.map(|Form(fields)| Self(fields)).map_err(IntoResponse::into_response)
    }
}

/// The fields of a form that a signed-in reader sent from a page of this console: it carries the session's own token.
pub struct Posted(pub Fields);

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let signed = request.extensions().get::<Signed>().cloned();
        let fields = Fields::from_request(request, state).await?;
        match signed {
            Some(signed) if same(fields.raw("csrf"), &signed.csrf) => Ok(Self(fields)),
            _ => Err(stale()),
        }
    }
}

/// The largest file that is taken, bytes.
pub const LARGEST_FILE: usize = 20 * 1024 * 1024;

/// A form with a file in it, sent by a signed-in reader from a page of this console. The route needs
/// [`Upload::limit`].
pub struct Upload {
    /// The other fields.
    pub fields: Fields,
    /// What the file is called on the reader's machine, empty if none was chosen.
    pub name: String,
    /// What is in it.
    pub bytes: Bytes,
    /// The room that it takes until it was looked at.
    _room: Room,
}

impl Upload {
    /// Lets a route take the largest file and what goes around it.
    pub fn limit() -> DefaultBodyLimit {
        DefaultBodyLimit::max(LARGEST_FILE + 64 * 1024)
    }
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (fields, mut files, room) = received(request, state).await?;
        let SentFile { name, bytes, .. } = files.pop().unwrap_or_default();
        Ok(Self { fields, name, bytes, _room: room })
    }
}

/// What is typed into a form at most, bytes.
const LARGEST_TYPED: usize = 2 * 1024 * 1024;

/// A file that came with a form.
#[derive(Debug, Clone, Default)]
pub struct SentFile {
    /// The box that it was chosen in.
    pub field: String,
    /// What it is called on the reader's machine.
    pub name: String,
    /// What is in it.
    pub bytes: Bytes,
}

/// A form in which files may have been chosen, several of them in several boxes, sent by a signed-in reader from a page
/// of this console. The route needs [`PostedFiles::limit`].
pub struct PostedFiles {
    /// What was typed.
    pub fields: Fields,
    /// The files that were chosen.
    pub files: Vec<SentFile>,
    /// The room that they take until they were looked at.
    _room: Option<Room>,
}

impl PostedFiles {
    /// Lets a route take the largest file and what is typed beside it.
    pub fn limit() -> DefaultBodyLimit {
        DefaultBodyLimit::max(LARGEST_FILE + LARGEST_TYPED)
    }
}

impl<S: Send + Sync> FromRequest<S> for PostedFiles {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("multipart/form-data") {
            let (fields, files, room) = received(request, state).await?;
            return Ok(Self { fields, files, _room: Some(room) });
        }
        let (head, body) = request.into_parts();
        let bytes = to_bytes(body, LARGEST_TYPED).await;
        let bytes = bytes.map_err(|_| {
            bare(StatusCode::PAYLOAD_TOO_LARGE, "填写的内容过多，请分次填报", "too much was typed: divide it")
        })?;
        let Posted(fields) = Posted::from_request(Request::from_parts(head, Body::from(bytes)), state).await?;
        Ok(Self { fields, files: Vec::new(), _room: None })
    }
}

/// Receives a form in parts: what was typed, and the files that were chosen.
async fn received<S: Send + Sync>(request: Request, state: &S) -> Result<(Fields, Vec<SentFile>, Room), Response> {
    // Nothing is received of somebody who is not signed in.
    let Some(signed) = request.extensions().get::<Signed>().cloned() else { return Err(stale()) };
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let length: u64 = length.unwrap_or(LARGEST_FILE as u64);
    let room = Room::to_receive(length.min(LARGEST_FILE as u64)).await.map_err(no_room)?;
    let mut parts = Multipart::from_request(request, state).await.map_err(IntoResponse::into_response)?;
    let (mut fields, mut files) = (Fields::default(), Vec::new());
    while let Some(part) = parts.next_field().await.map_err(|error| too_large(&error))? {
        let field = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.map_err(|error| too_large(&error))?;
        match file {
            // A box in which nothing was chosen sends a file without a name.
            Some(name) if name.is_empty() => {}
            Some(name) => files.push(SentFile { field, name, bytes }),
            None => fields.0.push((field, String::from_utf8_lossy(&bytes).into_owned())),
        }
    }
    if same(fields.raw("csrf"), &signed.csrf) { Ok((fields, files, room)) } else { Err(stale()) }
}

fn no_room(busy: Busy) -> Response {
    said(StatusCode::SERVICE_UNAVAILABLE, &busy)
}

fn too_large(error: &MultipartError) -> Response {
    let status = error.status();
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return bare(status, "文件超过 20 MB，请拆分后再上传", "the file is larger than 20 MB: divide it");
    }
    bare(status, "上传中断，请重试", "the upload broke off: try again")
}

fn stale() -> Response {
    bare(StatusCode::FORBIDDEN, "页面已过期，请返回刷新后重试", "the page is stale: go back and reload")
}

/// Whether two texts are the same, in a time that does not tell where they differ.
pub(super) fn same(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).fold(0, |seen, (a, b)| seen | (a ^ b));
    one.len() == other.len() && differ == 0
}
