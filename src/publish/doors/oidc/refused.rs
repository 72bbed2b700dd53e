//! Why a sign-in from elsewhere lets nobody in: a word for the log, a sentence for the person.

use axum::http::StatusCode;

use crate::publish::doors::DoorError;
use crate::storage::StorageError;

/// A sign-in that lets nobody in. No text in here holds a code, a token or a person's number.
#[derive(Debug)]
pub(super) enum Refused {
    /// The provider does not answer, or not as was agreed.
    Provider(String),
    /// The provider let the person not in, with this code of its own.
    Denied(String),
    /// The attempt is not known: used, too old, or never begun here.
    Unknown,
    /// The attempt was begun in another browser.
    Browser,
    /// The token is not what it must be.
    Token(&'static str),
    /// Nobody's account; the short name of the identity.
    Unlinked(String),
    /// Another one's account; the short name of the identity.
    Taken(String),
    /// The one-time link was used up or is over.
    LinkOver,
    /// Too many attempts are under way.
    Full,
    /// Our own store or randomness.
    Ours(DoorError),
}

impl Refused {
    /// Returns what stands in the log and in the record of what was done.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Provider(why) => format!("the provider fails: {why}"),
            Self::Denied(code) => format!("the provider says {code}"),
            Self::Unknown => "the attempt is used, too old or not ours".to_owned(),
            Self::Browser => "the attempt was begun in another browser".to_owned(),
            Self::Token(why) => format!("the token does not hold: {why}"),
            Self::Unlinked(short) => format!("identity {short} has no account"),
            Self::Taken(short) => format!("identity {short} has another account"),
            Self::LinkOver => "the one-time link is over".to_owned(),
            Self::Full => "too many attempts under way".to_owned(),
            Self::Ours(error) => error.to_string(),
        }
    }

    /// Returns what the person is told; `name` is what people call the provider.
    pub(super) fn words(&self, name: &str) -> String {
        match self {
            Self::Provider(_) => format!(
                "{name} hiện không trả lời. Hãy thử lại sau ít phút, hoặc đăng nhập bằng mật khẩu."
            ),
            Self::Denied(_) => format!(
                "{name} không xác nhận lần đăng nhập này, hoặc bạn chưa đồng ý. Hãy thử lại."
            ),
            Self::Unknown => {
                "Lần đăng nhập này đã dùng rồi hoặc đã quá 10 phút. Hãy bắt đầu lại.".to_owned()
            }
            Self::Browser => {
                "Lần đăng nhập này được bắt đầu ở một trình duyệt khác. Hãy bắt đầu lại tại đây."
                    .to_owned()
            }
            Self::Token(_) => format!(
                "Câu trả lời của {name} không hợp lệ nên không ai được vào. Hãy báo quản trị viên."
            ),
            Self::Unlinked(short) => format!(
                "Danh tính này chưa gắn với tài khoản nào. Hãy xin quản trị viên một đường dẫn để \
                 gắn (mã {short})."
            ),
            Self::Taken(short) => format!(
                "Danh tính này đã gắn với một tài khoản khác. Hãy báo quản trị viên (mã {short})."
            ),
            Self::LinkOver => "Đường dẫn này đã dùng rồi hoặc đã hết hạn. Hãy xin quản trị viên \
                               một đường dẫn mới."
                .to_owned(),
            Self::Full => "Quá nhiều lần đăng nhập cùng lúc. Hãy thử lại sau ít phút.".to_owned(),
            Self::Ours(_) => "Chưa đọc được kho dữ liệu, hãy thử lại sau.".to_owned(),
        }
    }

    /// Returns the status of the page.
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::Provider(_) | Self::Full => StatusCode::SERVICE_UNAVAILABLE,
            Self::Token(_) => StatusCode::BAD_GATEWAY,
            Self::Unknown | Self::Browser => StatusCode::BAD_REQUEST,
            Self::Denied(_) | Self::Unlinked(_) | Self::Taken(_) => StatusCode::FORBIDDEN,
            Self::LinkOver => StatusCode::GONE,
            Self::Ours(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<DoorError> for Refused {
    fn from(error: DoorError) -> Self {
        Self::Ours(error)
    }
}

impl From<StorageError> for Refused {
    fn from(error: StorageError) -> Self {
        Self::Ours(error.into())
    }
}
