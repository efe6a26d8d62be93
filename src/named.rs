//! Enums whose variants have names: in files, in messages and on command lines.

/// Declares an enum with a name for each variant: `Variant = "name"`. It gets `ALL`, `name`, `named` and [`Display`].
///
/// [`Display`]: std::fmt::Display
macro_rules! named {
    (
        $(#[$about:meta])*
        pub enum $enum:ident {
            $($(#[$about_variant:meta])* $variant:ident = $name:literal,)*
        }
    ) => {
        $(#[$about])*
        pub enum $enum {
            $($(#[$about_variant])* $variant,)*
        }

        impl $enum {
            /// All of them, in order.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// The name in files, messages and command lines.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The one with this name.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|one| one.name() == name)
            }
        }

        impl std::fmt::Display for $enum {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}
