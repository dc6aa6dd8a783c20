//! A reader of a console without a browser: one connection a request, the session's cookie, the forms' token.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// Somebody signed in.
#[derive(Debug)]
pub struct Reader {
    host: String,
    cookie: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status, 200 for a page.
    pub status: u16,
    /// From the connection to the last byte.
    pub took: Duration,
    head: String,
    /// The page, or the file.
    pub body: Vec<u8>,
}

impl Answer {
    /// The page as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Where the answer leads.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        let mut heads = self.head.lines().filter_map(|line| line.split_once(": "));
        heads.find(|(name, _)| name.eq_ignore_ascii_case("location")).map(|(_, to)| to)
    }

    /// The hidden fields of the form that leads there.
    #[must_use]
    pub fn form(&self, action: &str) -> Option<Vec<(String, String)>> {
        let text = self.text();
        let start = text.find(&format!("action=\"{action}\""))?;
        let form = text.get(start..)?.split("</form>").next()?;
        let value = |tag: &str, name: &str| {
            let rest = tag.split(&format!("{name}=\"")).nth(1)?;
            rest.split('"').next().map(str::to_owned)
        };
        let hidden = form.split("<input").skip(1).filter(|tag| tag.contains("type=\"hidden\""));
        Some(hidden.filter_map(|tag| Some((value(tag, "name")?, value(tag, "value")?))).collect())
    }
}

impl Reader {
    /// Signs in at a console's address.
    ///
    /// # Errors
    /// There is no connection, or no such account.
    pub fn sign_in(page: &str, account: &str, password: &str) -> Result<Self> {
        let host = page.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let mut reader = Self { host, cookie: String::new() };
        let fields = [("name".to_owned(), account.to_owned()), ("password".to_owned(), password.to_owned())];
        let answer = reader.post("/sign-in", &fields)?;
        let cookie = answer.head.lines().filter_map(|line| line.split_once(": "));
        let mut cookies = cookie.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        let (_, cookie) = cookies.next().with_context(|| format!("signed in: {} {}", answer.status, answer.text()))?;
        cookie.split(';').next().unwrap_or_default().clone_into(&mut reader.cookie);
        Ok(reader)
    }

    /// Opens a page.
    ///
    /// # Errors
    /// The connection fails.
    pub fn get(&self, path: &str) -> Result<Answer> {
        self.ask(&format!("GET {path} HTTP/1.1\r\n"), "", &[])
    }

    /// Sends a form.
    ///
    /// # Errors
    /// The connection fails.
    pub fn post(&self, path: &str, fields: &[(String, String)]) -> Result<Answer> {
        let body = serde_urlencoded::to_string(fields)?;
        self.ask(&format!("POST {path} HTTP/1.1\r\n"), "application/x-www-form-urlencoded", body.as_bytes())
    }

    /// Sends a file through the form of a page, and looks at the preview that it leads to.
    ///
    /// # Errors
    /// The connection fails, or the page has no such form.
    pub fn upload(&self, path: &str, name: &str, bytes: &[u8]) -> Result<Answer> {
        let fields = self.get(path)?.form(path).context("the page has a form for files")?;
        let mut body = Vec::new();
        for (field, value) in fields {
            write!(body, "--edge\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n")?;
        }
        write!(body, "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n")?;
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let sent = self.ask(&format!("POST {path} HTTP/1.1\r\n"), "multipart/form-data; boundary=edge", &body)?;
        self.led_on(sent, path)
    }

    /// Confirms what a preview shows, and waits until that is done: the answer is that of the form, or what it came to.
    ///
    /// # Errors
    /// The connection fails.
    pub fn confirm(&self, path: &str, fields: &[(String, String)]) -> Result<Answer> {
        let at = path.trim_end_matches("confirm");
        self.led_on(self.post(path, fields)?, at)
    }

    /// Follows an answer to a page below `path`, and waits there while it only says that something goes on: it answers
    /// at once when that is done, and in a third of a second when it is not.
    fn led_on(&self, sent: Answer, path: &str) -> Result<Answer> {
        let Some(to) = sent.location().filter(|to| to.starts_with(path)) else { return Ok(sent) };
        let began = Instant::now();
        loop {
            let shown = self.get(to)?;
            if !shown.text().contains("data-soon") {
                return Ok(Answer { took: sent.took + began.elapsed(), ..shown });
            }
        }
    }

    fn ask(&self, line: &str, kind: &str, body: &[u8]) -> Result<Answer> {
        let mut request = Vec::with_capacity(body.len() + 512);
        write!(request, "{line}Host: {0}\r\nOrigin: http://{0}\r\nConnection: close\r\n", self.host)?;
        if !self.cookie.is_empty() {
            write!(request, "Cookie: {}\r\n", self.cookie)?;
        }
        if !kind.is_empty() {
            write!(request, "Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len())?;
        }
        request.extend_from_slice(b"\r\n");
        request.extend_from_slice(body);
        let began = Instant::now();
        let mut stream = TcpStream::connect(&self.host)?;
        stream.set_nodelay(true)?;
        stream.write_all(&request)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let took = began.elapsed();
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").context("an answer with a head")?;
        let head = String::from_utf8_lossy(answer.get(..end).unwrap_or_default()).into_owned();
        let body = answer.get(end + 4..).unwrap_or_default().to_vec();
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).context("a status")?;
        Ok(Answer { status, took, head, body })
    }
}
