export {type Bindings, generate, type Places} from './assembly/generate.ts';
export {type BindOptions, type Bound, type BuildOptions, bind, build} from './build.ts';
export type {World} from './model.ts';
export {readWit, type Wit, witOf} from './source.ts';
export {resolveWorld} from './world.ts';
