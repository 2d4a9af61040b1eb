#[derive(Model, Clone, Debug)]
#[orm(table = "articles")]
pub struct Article {
    #[orm(primary_key)]
    pub id: Auto<i64>,
    /// Its place in the URL.
    #[orm(unique, length = 100)]
    pub slug: String,
    #[orm(default = now, on_update = now)]
    pub updated_on: DateTime<Utc>,
    pub content: Option<String>,
    #[orm(on_delete = cascade)]
    pub author: Ref<Author>,
    #[orm(secondary = "article_tags", back_populates = articles, order_by = name)]
    pub tags: Many<Tag>,
}

// What the derive emits:
#[doc = "Columns and relationships of the model `Article`, for use in statements."]
#[allow(dead_code, non_camel_case_types)]
pub struct ArticleEntity {
    #[doc = "The column `id`."]
    pub id: ::orm::__private::Column<Article, i64>,
    #[doc = " Its place in the URL."]
    pub slug: ::orm::__private::Column<Article, String>,
    #[doc = "The column `updated_on`."]
    pub updated_on: ::orm::__private::Column<Article, DateTime<Utc>>,
    #[doc = "The column `content`."]
    pub content: ::orm::__private::Column<Article, Option<String>>,
    #[doc = "The relationship `author`."]
    pub author: ::orm::__private::ToOne<Article, Author>,
    #[doc = "The relationship `tags`."]
    pub tags: ::orm::__private::ToMany<Article, Tag>,
}
#[doc(hidden)]
#[allow(non_upper_case_globals, dead_code)]
pub const Article: ArticleEntity = ArticleEntity::__ENTITY;
#[doc = "What handles of the model `Article` lead to."]
#[allow(dead_code, non_camel_case_types)]
pub trait ArticleRelations: ::orm::__private::Relations {}
#[allow(dead_code, clippy::all, clippy::pedantic)]
impl Article {
    #[doc = "A new `Article`, in no session yet."]
    pub fn new(
        slug: impl ::orm::__private::Into<String>,
        author: impl ::orm::__private::IntoRef<Author>,
    ) -> Self {
        Self {
            id: ::orm::__private::Auto::Unset,
            slug: ::orm::__private::Into::into(slug),
            updated_on: {
                #[allow(unused_imports)]
                use ::orm::__private::Absent as _;
                ::orm::__private::Emitted::<DateTime<Utc>>::now()
            },
            content: ::orm::__private::None,
            author: {
                #[allow(unused_imports)]
                use ::orm::__private::Absent as _;
                ::orm::__private::Emitted::<Ref<Author>>::reference(author)
            },
            tags: {
                #[allow(unused_imports)]
                use ::orm::__private::Absent as _;
                ::orm::__private::Emitted::<Many<Tag>>::unloaded()
            },
        }
    }
}
#[doc(hidden)]
#[allow(non_upper_case_globals, dead_code, clippy::all, clippy::pedantic)]
const _: () = {
    #[allow(unused_imports)]
    use ::orm::__private::{self as __orm, Absent as _, AbsentAccessor as _};
    impl ArticleEntity {
        #[doc(hidden)]
        pub const __ENTITY: Self = Self::__of(__orm::Source::of(&__META));
        const fn __of(source: __orm::Source) -> Self {
            Self {
                id: __orm::Column::__new(source, 0),
                slug: __orm::Column::__new(source, 1),
                updated_on: __orm::Column::__new(source, 2),
                content: __orm::Column::__new(source, 3),
                author: __orm::ToOne::__new(source, 4),
                tags: __orm::ToMany::__new(source, 5),
            }
        }
    }
    #[automatically_derived]
    impl __orm::Clone for ArticleEntity {
        fn clone(&self) -> Self {
            *self
        }
    }
    #[automatically_derived]
    impl __orm::Copy for ArticleEntity {}
    #[automatically_derived]
    impl __orm::Debug for ArticleEntity {
        fn fmt(&self, f: &mut __orm::Formatter<'_>) -> __orm::FmtResult {
            __orm::show_entity(self.id.__source(), f)
        }
    }
    #[automatically_derived]
    impl __orm::Emits for ArticleEntity {
        type Model = Article;
        fn __source(&self) -> __orm::Source {
            self.id.__source()
        }
        fn __aliased(&self, name: &'static __orm::str) -> Self {
            Self::__of(__orm::aliased(self.id.__source(), name))
        }
    }
    #[automatically_derived]
    impl ArticleRelations for __orm::RawHandle {}
    impl dyn ArticleRelations {
        #[doc = "Loads `author`, unless the session has it."]
        #[track_caller]
        pub fn author(&self, session: &mut __orm::Session) -> __orm::Result<__orm::Handle<Author>> {
            __orm::Accessor::<::orm::__private::ToOne<Article, Author>>::load(
                session,
                __orm::Relations::__raw(self),
                ArticleEntity::__ENTITY.author,
            )
        }
        #[doc = "Loads `tags`, unless the session has it."]
        #[track_caller]
        pub fn tags(
            &self,
            session: &mut __orm::Session,
        ) -> __orm::Result<__orm::Vec<__orm::Handle<Tag>>> {
            __orm::Accessor::<::orm::__private::ToMany<Article, Tag>>::load(
                session,
                __orm::Relations::__raw(self),
                ArticleEntity::__ENTITY.tags,
            )
        }
    }
    static __TABLE: __orm::OnceLock<__orm::Table> = __orm::OnceLock::new();
    static __META: __orm::ModelMeta = __orm::ModelMeta {
        name: "Article",
        snake: "article",
        table: "articles",
        schema: __orm::None,
        fields: &[
            __orm::FieldMeta {
                primary_key: true,
                ..__orm::FieldMeta::of("id", __orm::Emitted::<Auto<i64>>::SPEC)
            },
            __orm::FieldMeta {
                unique: true,
                length: __orm::Some(100u32),
                ..__orm::FieldMeta::of("slug", __orm::Emitted::<String>::SPEC)
            },
            __orm::FieldMeta {
                on_update: true,
                ..__orm::FieldMeta::of("updated_on", __orm::Emitted::<DateTime<Utc>>::SPEC)
            },
            __orm::FieldMeta::of("content", __orm::Emitted::<Option<String>>::SPEC),
            __orm::FieldMeta {
                on_delete: __orm::ReferentialAction::Cascade,
                ..__orm::FieldMeta::of("author", __orm::Emitted::<Ref<Author>>::SPEC)
            },
            __orm::FieldMeta {
                relationship: __orm::RelationshipMeta {
                    back_populates: __orm::Some("articles"),
                    secondary: __orm::Some("article_tags"),
                    order_by: &[("name", false)],
                    ..__orm::RelationshipMeta::NONE
                },
                ..__orm::FieldMeta::of("tags", __orm::Emitted::<Many<Tag>>::SPEC)
            },
        ],
        declared: __orm::TableMeta::NONE,
        resolved: &__TABLE,
        type_id: __orm::TypeId::of::<Article>,
    };
    #[automatically_derived]
    impl __orm::Model for Article {
        type Entity = ArticleEntity;
        type Key = i64;
        type Relations = dyn ArticleRelations;
        fn meta() -> &'static __orm::ModelMeta {
            &__META
        }
        fn entity() -> ArticleEntity {
            ArticleEntity::__ENTITY
        }
        #[inline]
        fn decode(row: &mut __orm::RowReader<'_>) -> __orm::Result<Self> {
            __orm::Ok(Self {
                id: __orm::Emitted::<Auto<i64>>::read(row)?,
                slug: __orm::Emitted::<String>::read(row)?,
                updated_on: __orm::Emitted::<DateTime<Utc>>::read(row)?,
                content: __orm::Emitted::<Option<String>>::read(row)?,
                author: __orm::Emitted::<Ref<Author>>::read(row)?,
                tags: __orm::Emitted::<Many<Tag>>::read(row)?,
            })
        }
        fn field(&self, index: __orm::usize) -> &dyn __orm::Field {
            match index {
                0 => __orm::Emitted::<Auto<i64>>::field(&self.id),
                1 => __orm::Emitted::<String>::field(&self.slug),
                2 => __orm::Emitted::<DateTime<Utc>>::field(&self.updated_on),
                3 => __orm::Emitted::<Option<String>>::field(&self.content),
                4 => __orm::Emitted::<Ref<Author>>::field(&self.author),
                5 => __orm::Emitted::<Many<Tag>>::field(&self.tags),
                _ => __orm::no_field(index),
            }
        }
        fn field_mut(&mut self, index: __orm::usize) -> &mut dyn __orm::Field {
            match index {
                0 => __orm::Emitted::<Auto<i64>>::field_mut(&mut self.id),
                1 => __orm::Emitted::<String>::field_mut(&mut self.slug),
                2 => __orm::Emitted::<DateTime<Utc>>::field_mut(&mut self.updated_on),
                3 => __orm::Emitted::<Option<String>>::field_mut(&mut self.content),
                4 => __orm::Emitted::<Ref<Author>>::field_mut(&mut self.author),
                5 => __orm::Emitted::<Many<Tag>>::field_mut(&mut self.tags),
                _ => __orm::no_field(index),
            }
        }
        fn on_update_value(__index: __orm::usize) -> __orm::Option<__orm::Box<dyn __orm::Field>> {
            match __index {
                2 => __orm::Some(__orm::Emitted::<DateTime<Utc>>::boxed({
                    #[allow(unused_imports)]
                    use __orm::Absent as _;
                    __orm::Emitted::<DateTime<Utc>>::now()
                })),
                _ => __orm::None,
            }
        }
        fn relations(handle: &__orm::RawHandle) -> &(dyn ArticleRelations + 'static) {
            handle
        }
    }
    fn __assertions() {
        let _ = <String as __orm::ColumnField>::__IS;
        let _ = <DateTime<Utc> as __orm::MomentField>::__IS;
        let _ = <Option<String> as __orm::ColumnField>::__IS;
        let _ = <Ref<Author> as __orm::ReferenceField>::__IS;
        let _ = <Author as __orm::Model>::meta;
        let _ = <Many<Tag> as __orm::CollectionField>::__IS;
        let __target = <Tag as __orm::Model>::entity();
        __orm::is_collection_of::<Article, Tag>(__target.articles);
        let __target = <Tag as __orm::Model>::entity();
        __orm::is_column_of::<Tag>(__target.name);
    }
};
