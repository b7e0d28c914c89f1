export {type BuildProjectOptions, type Built, buildProject} from './build.ts';
export {type Language, type Project, readProject} from './project.ts';
