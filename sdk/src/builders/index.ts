export {type BuildProjectOptions, type Built, buildProject} from './build.ts';
export {type Project, readProject} from './project.ts';
export {watchProject} from './watch.ts';
