export {editorSchema} from './editor.ts';
export {type Loaded, loadConfig} from './load.ts';
export {type Lock, lockState} from './lock.ts';
export {makeFolders, makeStateFolder, socketPath, stateFolder} from './paths.ts';
export {configurePlugin, type PluginConfig} from './plugins.ts';
export type {Config} from './schema.ts';
export {quotaOf, quotas, specs, storesOf} from './specs.ts';
export {DEFAULT_MEMORY, parseDuration, parseMount, parsePort, parseSize} from './units.ts';
