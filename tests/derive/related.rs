//! Many models that point to one another, at the default recursion limit.

use orm::prelude::*;

/// Models by the dozen, each with a `Ref` to the next.
macro_rules! chain {
    ($($name:ident $next:ident),* $(,)?) => {$(
        #[derive(Model, Clone, Debug)]
        struct $name {
            #[orm(primary_key)]
            id: Auto<i64>,
            name: String,
            next: Option<Ref<$next>>,
            required: Ref<$next>,
        }
    )*};
}

chain! {
    M0 M1, M1 M2, M2 M3, M3 M4, M4 M5, M5 M6, M6 M7, M7 M8, M8 M9, M9 M10,
    M10 M11, M11 M12, M12 M13, M13 M14, M14 M15, M15 M16, M16 M17, M17 M18, M18 M19, M19 M20,
    M20 M21, M21 M22, M22 M23, M23 M24, M24 M25, M25 M26, M26 M27, M27 M28, M28 M29, M29 M30,
    M30 M31, M31 M32, M32 M33, M33 M34, M34 M35, M35 M36, M36 M37, M37 M38, M38 M39, M39 M40,
    M40 M41, M41 M42, M42 M43, M43 M44, M44 M45, M45 M46, M46 M47, M47 M48, M48 M49, M49 M50,
    M50 M51, M51 M52, M52 M53, M53 M54, M54 M55, M55 M56, M56 M57, M57 M58, M58 M59, M59 M60,
    M60 M61, M61 M62, M62 M63, M63 M64, M64 M65, M65 M66, M66 M67, M67 M68, M68 M69, M69 M70,
    M70 M71, M71 M72, M72 M73, M73 M74, M74 M75, M75 M76, M76 M77, M77 M78, M78 M79, M79 M80,
    M80 M81, M81 M82, M82 M83, M83 M84, M84 M85, M85 M86, M86 M87, M87 M88, M88 M89, M89 M90,
    M90 M91, M91 M92, M92 M93, M93 M94, M94 M95, M95 M96, M96 M97, M97 M98, M98 M99, M99 M0,
}

fn is_send_and_sync<T: Send + Sync + Clone + std::fmt::Debug + 'static>(_: &T) {}

#[test]
fn a_ring_of_a_hundred_models_is_known_by_any_of_them() {
    let schema = orm::Schema::of(M42);
    assert_eq!(schema.models().len(), 100);
    assert!(schema.check().is_ok());
}

#[test]
fn objects_of_related_models_travel_between_threads() {
    let object = M0::new("zero", M1::new("one", M2::new("two", 3)));
    is_send_and_sync(&object);
    is_send_and_sync(&M0);
    assert_eq!(object.required.key(), None);
}
