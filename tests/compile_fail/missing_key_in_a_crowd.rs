//! No primary key in a model that twenty others refer to is told there only.

use orm::prelude::*;

#[derive(Model, Clone, Debug)]
pub struct Broken {
    pub id: Auto<i64>,
    pub name: String,
    pub owner: Ref<A>,
    pub keyed: Ref<Keyed>,
}

macro_rules! referring {
    ($($model:ident)*) => {$(
        #[derive(Model, Clone, Debug)]
        pub struct $model {
            #[orm(primary_key)]
            pub id: Auto<i64>,
            pub name: String,
            pub broken: Ref<Broken>,
            pub other: Option<Ref<Broken>>,
            #[orm(secondary = "links")]
            pub linked: Many<Broken>,
        }

        #[allow(dead_code)]
        impl $model {
            fn used(session: &mut Session, one: Handle<$model>, broken: Handle<Broken>) -> orm::Result<()> {
                let new = session.add($model::new("x", broken));
                session.link(new, $model.linked, broken)?;
                session[one].broken = broken.into();
                let asked = select($model).filter($model.broken.has(|broken| broken.name.eq("x")));
                let asked = asked.filter($model.linked.any(|broken| broken.name.eq("y")));
                asked.include(($model.broken, $model.linked)).all(session)?;
                for broken in one.linked(session)? {
                    let _ = &session[broken].name;
                }
                let broken = one.broken(session)?;
                session[broken].name = "z".into();
                session.load(one, $model.other)?;
                Ok(())
            }
        }
    )*};
}

referring! { A B C D E F G H I J K L M N O P Q R S T }

#[derive(Model, Clone, Debug)]
pub struct Keyed {
    #[orm(primary_key)]
    pub broken: Ref<Broken>,
    #[orm(back_populates = keyed, order_by = name, cascade(all))]
    pub several: Many<Broken>,
}

fn main() {
    let _ = Schema::of((A, Keyed, Broken));
    let _ = select((Broken, Broken.name, A.name)).filter(Broken.name.eq("x") & Broken.id.gt(3));
}
