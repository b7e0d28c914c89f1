import * as Flags from '@oclif/core/flags';
import {ForgeCommand, json} from '../command.ts';
import {containerArg} from '../each.ts';
import {withEngine} from '../engine.ts';
import {type Line, linesOf, outputOf, printLine} from '../lines.ts';
import {momentOf} from '../text.ts';

export default class Logs extends ForgeCommand {
	static override summary = 'Show what a container wrote';
	static override examples = [
		'<%= config.bin %> logs web',
		'<%= config.bin %> logs --follow --tail 10 web',
		'<%= config.bin %> logs --since 10m web',
	];
	static override args = containerArg;
	static override flags = {
		follow: Flags.boolean({char: 'f', description: 'Go on until it has ended'}),
		json,
		since: Flags.string({
			helpValue: '10m',
			description: 'Only what it wrote so long ago at most, or from that moment on: 2026-01-31T12:00:00Z',
		}),
		tail: Flags.integer({char: 'n', min: 0, description: 'Begin with that many of the lines there are'}),
		timestamps: Flags.boolean({char: 't', description: 'Say when'}),
	};

	override async run(): Promise<void> {
		const {flags, args} = await this.parse(Logs);
		const {json, tail = Number.POSITIVE_INFINITY, timestamps} = flags;
		const since = flags.since === undefined ? 0n : momentOf(flags.since);
		// Whoever has read enough closes the pipe, as `head` does. Other programs are ended by a signal then.
		for (const stream of [process.stdout, process.stderr]) stream.once('error', () => process.exit(141));
		await withEngine(async ({containers}) => {
			const {id} = await containers.inspect(args.container);
			const last: Line[] = [];
			let past = tail !== Number.POSITIVE_INFINITY;
			const show = (line: Line) => printLine(line, {json, timestamps});
			const onward = async () => {
				past = false;
				for (const line of last.splice(0)) await show(line);
			};
			for await (const line of linesOf(outputOf(containers, id, flags.follow ? onward : undefined))) {
				if (line.time < since) continue;
				if (!past) await show(line);
				else if (last.push(line) > tail) last.shift();
			}
			await onward();
		});
	}
}
