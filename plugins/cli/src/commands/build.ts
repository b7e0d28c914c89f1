import {BuildCommand} from '../build.ts';

export default class Build extends BuildCommand {
	static override summary = 'Build the component in a folder';
	static override examples = [
		'<%= config.bin %> build',
		'<%= config.bin %> build --watch',
		'<%= config.bin %> build apps/web --engine quickjs',
	];
}
