import type {Engine} from '@forgeone/sdk/client';
import * as Args from '@oclif/core/args';
import {withEngine} from './engine.ts';

/** The containers that a command is about: one at least, by id, by the beginning of an id, or by name. */
export const containerArgs = {
	container: Args.string({required: true, ignoreStdin: true, description: 'an id, the beginning of one, or a name; several may be given'}),
};

/** One container, the same way. */
export const containerArg = {
	container: Args.string({required: true, ignoreStdin: true, description: 'an id, the beginning of one, or a name'}),
};

/** What else has a name, one at least. */
export const nameArgs = {name: Args.string({required: true, ignoreStdin: true, description: 'its name; several may be given'})};

/** Does the same to each of what is named, and prints the name once that is done. One that fails does not spare the others; all failures are thrown at the end. */
export async function each(
	names: readonly unknown[],
	work: (engine: Engine, name: string) => Promise<unknown>,
	within: (work: (engine: Engine) => Promise<void>) => Promise<void> = withEngine,
): Promise<void> {
	await within(async engine => {
		const failures: unknown[] = [];
		for (const name of names as readonly string[]) {
			await work(engine, name).then(
				() => console.log(name),
				error => failures.push(error),
			);
		}
		if (failures.length > 0) throw new AggregateError(failures);
	});
}
