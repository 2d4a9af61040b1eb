//! Many models that point to one another, at the default recursion limit.

use orm::prelude::*;

/// Models by the dozen, each with a `Ref` to the next and all that point to it.
macro_rules! ring {
    ($($before:ident $name:ident $next:ident),* $(,)?) => {$(
        #[derive(Model, Clone, Debug)]
        struct $name {
            #[orm(primary_key)]
            id: Auto<i64>,
            name: String,
            next: Option<Ref<$next>>,
            #[orm(unique)]
            required: Ref<$next>,
            #[orm(back_populates = next, cascade(all), order_by = name)]
            before: Many<$before>,
            #[orm(back_populates = required)]
            one_before: One<$before>,
        }
    )*};
}

ring! {
    M99 M0 M1, M0 M1 M2, M1 M2 M3, M2 M3 M4, M3 M4 M5, M4 M5 M6, M5 M6 M7, M6 M7 M8, M7 M8 M9,
    M8 M9 M10, M9 M10 M11, M10 M11 M12, M11 M12 M13, M12 M13 M14, M13 M14 M15, M14 M15 M16,
    M15 M16 M17, M16 M17 M18, M17 M18 M19, M18 M19 M20, M19 M20 M21, M20 M21 M22, M21 M22 M23,
    M22 M23 M24, M23 M24 M25, M24 M25 M26, M25 M26 M27, M26 M27 M28, M27 M28 M29, M28 M29 M30,
    M29 M30 M31, M30 M31 M32, M31 M32 M33, M32 M33 M34, M33 M34 M35, M34 M35 M36, M35 M36 M37,
    M36 M37 M38, M37 M38 M39, M38 M39 M40, M39 M40 M41, M40 M41 M42, M41 M42 M43, M42 M43 M44,
    M43 M44 M45, M44 M45 M46, M45 M46 M47, M46 M47 M48, M47 M48 M49, M48 M49 M50, M49 M50 M51,
    M50 M51 M52, M51 M52 M53, M52 M53 M54, M53 M54 M55, M54 M55 M56, M55 M56 M57, M56 M57 M58,
    M57 M58 M59, M58 M59 M60, M59 M60 M61, M60 M61 M62, M61 M62 M63, M62 M63 M64, M63 M64 M65,
    M64 M65 M66, M65 M66 M67, M66 M67 M68, M67 M68 M69, M68 M69 M70, M69 M70 M71, M70 M71 M72,
    M71 M72 M73, M72 M73 M74, M73 M74 M75, M74 M75 M76, M75 M76 M77, M76 M77 M78, M77 M78 M79,
    M78 M79 M80, M79 M80 M81, M80 M81 M82, M81 M82 M83, M82 M83 M84, M83 M84 M85, M84 M85 M86,
    M85 M86 M87, M86 M87 M88, M87 M88 M89, M88 M89 M90, M89 M90 M91, M90 M91 M92, M91 M92 M93,
    M92 M93 M94, M93 M94 M95, M94 M95 M96, M95 M96 M97, M96 M97 M98, M97 M98 M99, M98 M99 M0,
}

fn is_send_and_sync<T: Send + Sync + Clone + std::fmt::Debug + 'static>(_: &T) {}

#[test]
fn a_ring_of_a_hundred_models_is_known_by_any_of_them() {
    let schema = orm::Schema::of(M42);
    assert_eq!(schema.models().len(), 100);
    assert_eq!(M7.table().relationships.len(), 4);
    assert!(schema.check().is_ok());
}

#[test]
fn objects_of_related_models_travel_between_threads() {
    let object = M0::new("zero", M1::new("one", M2::new("two", 3)));
    is_send_and_sync(&object);
    is_send_and_sync(&M0);
    is_send_and_sync(&M0.before);
    assert_eq!(object.required.key(), None);
}
