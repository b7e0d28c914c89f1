import type {Log} from '@forgeone/core';

/** One line that was logged. */
export interface Line {
	readonly level: 'debug' | 'info' | 'warn' | 'error';
	readonly message: string;
	readonly fields: Readonly<Record<string, unknown>>;
}

/** A log that keeps its lines. */
export function lines(): {readonly log: Log; readonly logged: readonly Line[]} {
	const logged: Line[] = [];
	const logOf = (shared: object): Log => {
		const at = (level: Line['level']) => (fields: object, message: string) =>
			void logged.push({level, message, fields: {...shared, ...fields}});
		return {debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: fields => logOf({...shared, ...fields})};
	};
	return {log: logOf({}), logged};
}
