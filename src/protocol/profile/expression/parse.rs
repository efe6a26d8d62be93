//! Parses the text of an expression with Solar's parser, and lowers what it finds to our syntax tree.
//!
//! Solar reads Solidity's full grammar; what has no meaning in a profile is refused here. Its recursion is bounded by what
//! [`check_tokens`] lets through, ours by [`MAX_DEPTH`].

use num_bigint::BigUint;
use num_rational::BigRational;
use solar_parse::{
    Lexer, Parser,
    ast::{
        self, BinOpKind, CallArgsKind, ElementaryType, Expr, ExprKind, IndexKind, LitKind, TypeKind, UnOpKind,
    },
    interface::{
        Session, Symbol,
        config::{CompileOpts, UnstableOpts},
        diagnostics::{DiagCtxt, InMemoryEmitter},
        kw,
        source_map::FileName,
    },
    token::{BinOpToken, Token, TokenKind},
};

use super::{
    error::{ExpressionError, Span},
    syntax::{Binary, Name, Node, NodeKind, Unary},
    types::Type,
};
use crate::suggest;

/// Longest expression in bytes.
const MAX_LENGTH: usize = 4096;
/// Most levels of an expression.
const MAX_DEPTH: usize = 64;

/// Words of Solidity that begin something else than an expression.
const STATEMENTS: [&str; 5] = ["new", "delete", "mapping", "function", "assembly"];

/// Parses an expression.
pub(super) fn parse(text: &str) -> Result<Node, ExpressionError> {
    let all = 0..text.len();
    if text.len() > MAX_LENGTH {
        let message = format!("the expression has {} bytes", text.len());
        return Err(ExpressionError::new(
            &all,
            message,
            format!("at most {MAX_LENGTH} are read"),
        ));
    }
    if text.trim().is_empty() {
        return Err(ExpressionError::new(
            &all,
            "the expression is empty",
            "write a value, for example `1 ether`",
        ));
    }
    let (emitter, diagnostics) = InMemoryEmitter::new();
    // Without this a session asks the operating system for the working directory.
    let opts = CompileOpts {
        unstable: UnstableOpts {
            ui_testing: true,
            ..UnstableOpts::default()
        },
        ..CompileOpts::default()
    };
    let session = Session::builder()
        .dcx(DiagCtxt::new(Box::new(emitter)))
        .opts(opts)
        .build();
    let first_error = || {
        let diagnostics = diagnostics.read();
        let first = diagnostics.iter().find(|diagnostic| diagnostic.is_error())?;
        let span = first.span.primary_span().map_or(all.clone(), to_span);
        Some(refusal(text, clamp(&span, text.len()), &first.label()))
    };
    session.enter_sequential(|| {
        // Messages of the parser look places up in a file: the first one, whose offsets are those of the text.
        let Ok(file) = session
            .source_map()
            .new_source_file(FileName::custom("expression"), text)
        else {
            return Err(refusal(text, all.clone(), "the expression cannot be read"));
        };
        let mut tokens = Lexer::from_source_file(&session, &file).into_tokens();
        if let Some(error) = first_error() {
            return Err(error);
        }
        check_tokens(&tokens)?;
        unreserve_event(&mut tokens);
        let arena = ast::Arena::new();
        let mut parser = Parser::new(&session, &arena, tokens);
        let parsed = parser.parse_expr();
        let (parsed, failed) = match parsed {
            Ok(parsed) => (Some(parsed), false),
            Err(error) => {
                error.emit();
                (None, true)
            }
        };
        if let Some(error) = first_error() {
            return Err(error);
        }
        match parsed {
            Some(parsed) if !failed && parser.token.is_eof() => lower(parsed, 0),
            _ => {
                let span = clamp(&to_span(parser.token.span), text.len());
                Err(refusal(text, span, ""))
            }
        }
    })
}

fn to_span(span: solar_parse::interface::Span) -> Span {
    let offset = |at: solar_parse::interface::BytePos| usize::try_from(at.0).unwrap_or(usize::MAX);
    offset(span.lo())..offset(span.hi())
}

/// A span within the text; the place behind its end if the parser names none.
fn clamp(span: &Span, length: usize) -> Span {
    if span.is_empty() {
        return length..length;
    }
    span.start.min(length)..span.end.min(length)
}

/// The refusal of a text that is no expression, in our words where the parser lists what it waited for.
fn refusal(text: &str, span: Span, label: &str) -> ExpressionError {
    const REMEDY: &str = "write one expression in Solidity's syntax";
    let found = text.get(span.clone()).unwrap_or_default();
    if label.contains("<eof>") || found.is_empty() {
        let end = text.len()..text.len();
        return ExpressionError::new(
            &end,
            "the expression ends too early",
            "complete it; each bracket needs its pair",
        );
    }
    if label.is_empty() || label.starts_with("expected") {
        let message = format!("`{}` has no place here", suggest::shortened(found));
        if matches!(found, "ms" | "s" | "m" | "min" | "h" | "d") {
            let remedy = "durations of expressions are Solidity's: `20 seconds`, `3 days`";
            return ExpressionError::new(&span, message, remedy);
        }
        return ExpressionError::new(&span, message, REMEDY);
    }
    // Some messages of the parser bring their remedy along.
    let (message, remedy) = label.split_once("; ").unwrap_or((label, REMEDY));
    ExpressionError::new(&span, message, remedy)
}

fn too_deep(span: &Span) -> ExpressionError {
    ExpressionError::new(
        span,
        format!("the expression has more than {MAX_DEPTH} levels"),
        "put parts of it in `let`",
    )
}

/// Refuses what is no expression, and what would make the parser recurse without bound: deep brackets, and long sequences
/// of prefix operators, powers or conditions.
fn check_tokens(tokens: &[Token]) -> Result<(), ExpressionError> {
    let (mut brackets, mut nested) = (0_usize, 0_usize);
    for token in tokens {
        let span = to_span(token.span);
        match token.kind {
            TokenKind::OpenDelim(_) => brackets += 1,
            TokenKind::CloseDelim(_) => brackets = brackets.saturating_sub(1),
            TokenKind::Not
            | TokenKind::Tilde
            | TokenKind::PlusPlus
            | TokenKind::MinusMinus
            | TokenKind::StarStar
            | TokenKind::Question
            | TokenKind::BinOp(BinOpToken::Minus) => nested += 1,
            TokenKind::Ident(name) if STATEMENTS.contains(&name.as_str()) => {
                let message = format!("`{name}` is no part of an expression");
                return Err(ExpressionError::new(
                    &span,
                    message,
                    "write values, operators and calls only",
                ));
            }
            _ => {}
        }
        if brackets > MAX_DEPTH || nested > MAX_DEPTH {
            return Err(too_deep(&span));
        }
    }
    Ok(())
}

/// The name `event`, which Solidity reserves, as no text can have it.
const EVENT: &str = "event ";

/// Makes names of the word `event` before a dot.
fn unreserve_event(tokens: &mut [Token]) {
    for at in 1..tokens.len() {
        if tokens[at].kind == TokenKind::Dot && tokens[at - 1].kind == TokenKind::Ident(kw::Event) {
            tokens[at - 1].kind = TokenKind::Ident(Symbol::intern(EVENT));
        }
    }
}

fn lower(expr: &Expr<'_>, depth: usize) -> Result<Node, ExpressionError> {
    let span = to_span(expr.span);
    if depth >= MAX_DEPTH {
        return Err(too_deep(&span));
    }
    let inner = |expr: &Expr<'_>| lower(expr, depth + 1).map(Box::new);
    let refused = |what: &str, remedy: &str| Err(ExpressionError::new(&span, what, remedy));
    let kind = match &expr.kind {
        ExprKind::Lit(literal, unit) => lower_literal(literal, unit.is_some(), &span)?,
        ExprKind::Ident(name) => NodeKind::Name(name.as_str().trim_end().to_owned()),
        ExprKind::Type(ty) => NodeKind::Type(lower_type(ty)?),
        ExprKind::TypeCall(ty) => NodeKind::TypeInfo(lower_type(ty)?),
        ExprKind::Member(base, name) => NodeKind::Member(inner(base)?, lower_name(*name)),
        ExprKind::Call(callee, args) => match &args.kind {
            CallArgsKind::Unnamed(args) => {
                NodeKind::Call(inner(callee)?, lower_all(args.iter().map(|a| &**a), depth)?)
            }
            CallArgsKind::Named(args) => {
                let args = args
                    .iter()
                    .map(|arg| Ok((lower_name(arg.name), lower(arg.value, depth + 1)?)));
                NodeKind::CallByName(inner(callee)?, args.collect::<Result<_, ExpressionError>>()?)
            }
        },
        ExprKind::Payable(args) => {
            let callee = Node {
                span: span.start..to_span(args.span).start,
                kind: NodeKind::Type(Type::Address),
            };
            NodeKind::Call(Box::new(callee), lower_all(args.exprs(), depth)?)
        }
        ExprKind::Index(base, IndexKind::Index(Some(index))) => NodeKind::Index(inner(base)?, inner(index)?),
        ExprKind::Index(base, IndexKind::Range(start, end)) => {
            let bound = |bound: &Option<_>| {
                bound
                    .as_ref()
                    .map(|bound: &ast::Box<'_, Expr<'_>>| inner(bound))
                    .transpose()
            };
            NodeKind::Slice(inner(base)?, bound(start)?, bound(end)?)
        }
        ExprKind::Unary(operator, operand) => match operator.kind {
            UnOpKind::Neg => NodeKind::Unary(Unary::Negate, inner(operand)?),
            UnOpKind::Not => NodeKind::Unary(Unary::Not, inner(operand)?),
            UnOpKind::BitNot => NodeKind::Unary(Unary::Invert, inner(operand)?),
            _ => return refused("an expression changes nothing", "write `+ 1` or `- 1`"),
        },
        ExprKind::Binary(left, operator, right) => {
            let operator = lower_operator(operator.kind)
                .ok_or_else(|| ExpressionError::new(&span, "Solidity has no `>>>`", "write `>>`"))?;
            NodeKind::Binary(inner(left)?, operator, inner(right)?)
        }
        ExprKind::Ternary(condition, then, otherwise) => {
            NodeKind::Ternary(inner(condition)?, inner(then)?, inner(otherwise)?)
        }
        ExprKind::Array(elements) => NodeKind::Array(lower_all(elements.iter().map(|e| &**e), depth)?),
        ExprKind::Tuple(elements) => {
            let mut nodes = Vec::with_capacity(elements.len());
            for element in elements.iter() {
                match element.as_ref().unspan() {
                    Some(element) => nodes.push(lower(element, depth + 1)?),
                    None => {
                        return refused(
                            "a member of the tuple is empty",
                            "write a value between the commas",
                        );
                    }
                }
            }
            if nodes.len() == 1
                && let Some(node) = nodes.pop()
            {
                return Ok(Node {
                    span,
                    kind: node.kind,
                });
            }
            NodeKind::Tuple(nodes)
        }
        ExprKind::Assign(..) => return refused("an expression assigns nothing", "compare with `==`"),
        ExprKind::CallOptions(..) => {
            return refused(
                "call options have no place here",
                "say `value = …` beside the call",
            );
        }
        ExprKind::Index(_, IndexKind::Index(None)) => {
            return refused(
                "an array type has no place here",
                "write a value, or an index in the brackets",
            );
        }
        ExprKind::New(_) | ExprKind::Delete(_) | ExprKind::Err(_) => {
            return refused("this is no value", "write values, operators and calls only");
        }
    };
    Ok(Node { span, kind })
}

fn lower_all<'a, 'ast: 'a>(
    exprs: impl Iterator<Item = &'a Expr<'ast>>,
    depth: usize,
) -> Result<Vec<Node>, ExpressionError> {
    exprs.map(|expr| lower(expr, depth + 1)).collect()
}

fn lower_name(name: solar_parse::interface::Ident) -> Name {
    Name {
        span: to_span(name.span),
        text: name.as_str().to_owned(),
    }
}

fn lower_literal(literal: &ast::Lit<'_>, has_unit: bool, span: &Span) -> Result<NodeKind, ExpressionError> {
    let big = |number: alloy::primitives::U256| BigUint::from_bytes_be(&number.to_be_bytes::<32>()).into();
    Ok(match literal.kind {
        LitKind::Number(number) => {
            let digits = literal.symbol.as_str().strip_prefix("0x");
            let count = |digits: &str| digits.chars().filter(|c| *c != '_').count();
            NodeKind::Number {
                value: BigRational::from_integer(big(number)),
                hex_digits: digits.filter(|_| !has_unit).map(count),
            }
        }
        LitKind::Rational(ratio) => NodeKind::Number {
            value: BigRational::new(big(*ratio.numer()), big(*ratio.denom())),
            hex_digits: None,
        },
        LitKind::Address(address) => {
            let text = literal.symbol.as_str();
            let digits = text.strip_prefix("0x").unwrap_or(text);
            let one_case = digits == digits.to_lowercase() || digits == digits.to_uppercase();
            if !one_case && address.to_checksum(None) != text {
                let remedy = format!(
                    "correct it, or write `{}` if its digits are right",
                    address.to_checksum(None)
                );
                return Err(ExpressionError::new(
                    span,
                    "the address has a wrong checksum",
                    remedy,
                ));
            }
            NodeKind::Address(address)
        }
        LitKind::Bool(truth) => NodeKind::Bool(truth),
        LitKind::Str(_, bytes, _) => NodeKind::Text(bytes.as_byte_str().to_vec()),
        LitKind::Err(_) => {
            return Err(ExpressionError::new(
                span,
                "this is no literal",
                "write a number, string or address",
            ));
        }
    })
}

fn lower_type(ty: &ast::Type<'_>) -> Result<Type, ExpressionError> {
    let span = to_span(ty.span);
    let TypeKind::Elementary(elementary) = &ty.kind else {
        return Err(ExpressionError::new(
            &span,
            "this type has no place here",
            "name an elementary type: `uint256`",
        ));
    };
    Ok(match elementary {
        ElementaryType::Address(_) => Type::Address,
        ElementaryType::Bool => Type::Bool,
        ElementaryType::String => Type::String,
        ElementaryType::Bytes => Type::Bytes,
        ElementaryType::Int(size) => Type::Int(size.bits()),
        ElementaryType::UInt(size) => Type::Uint(size.bits()),
        ElementaryType::FixedBytes(size) => Type::FixedBytes(size.bytes()),
        ElementaryType::Fixed(..) | ElementaryType::UFixed(..) => {
            return Err(ExpressionError::new(
                &span,
                "Solidity has no fixed-point arithmetic",
                "multiply first and divide by a power of ten",
            ));
        }
    })
}

const fn lower_operator(operator: BinOpKind) -> Option<Binary> {
    Some(match operator {
        BinOpKind::Lt => Binary::Less,
        BinOpKind::Le => Binary::LessOrEqual,
        BinOpKind::Gt => Binary::Greater,
        BinOpKind::Ge => Binary::GreaterOrEqual,
        BinOpKind::Eq => Binary::Equal,
        BinOpKind::Ne => Binary::NotEqual,
        BinOpKind::Or => Binary::Or,
        BinOpKind::And => Binary::And,
        BinOpKind::Shr => Binary::ShiftRight,
        BinOpKind::Shl => Binary::ShiftLeft,
        BinOpKind::Sar => return None,
        BinOpKind::BitAnd => Binary::BitAnd,
        BinOpKind::BitOr => Binary::BitOr,
        BinOpKind::BitXor => Binary::BitXor,
        BinOpKind::Add => Binary::Add,
        BinOpKind::Sub => Binary::Subtract,
        BinOpKind::Pow => Binary::Power,
        BinOpKind::Mul => Binary::Multiply,
        BinOpKind::Div => Binary::Divide,
        BinOpKind::Rem => Binary::Remainder,
    })
}
