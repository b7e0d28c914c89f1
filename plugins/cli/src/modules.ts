import {registerHooks} from 'node:module';

/**
 * Lets a module of several files be loaded anew: where its address ends in a time, as that of a plugin which is loaded a second time does, what it
 * imports by path is loaded for that time too.
 */
export function renewImports(): void {
	registerHooks({
		resolve(specifier, context, next) {
			const found = next(specifier, context);
			const [time] = /\?time=[\d.]+$/.exec(context.parentURL ?? '') ?? [];
			return time && /^\.{1,2}\//.test(specifier) ? {...found, url: found.url + time} : found;
		},
	});
}
