CREATE TABLE `checks` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`environment` text NOT NULL,
	`database` text NOT NULL,
	`asked_at` integer NOT NULL,
	`result` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `checks_target_idx` ON `checks` (`environment`,`database`);--> statement-breakpoint
CREATE TABLE `runs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`key` text NOT NULL,
	`operation` text NOT NULL,
	`environment` text NOT NULL,
	`databases` text NOT NULL,
	`by` text NOT NULL,
	`host` text NOT NULL,
	`pid` integer NOT NULL,
	`version` text NOT NULL,
	`git` text,
	`started_at` integer NOT NULL,
	`finished_at` integer,
	`outcome` text,
	`exit_code` integer,
	`message` text,
	`backup` text,
	`plan` text,
	`plan_hash` text,
	`confirmation` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `runs_key_unique` ON `runs` (`key`);--> statement-breakpoint
CREATE INDEX `runs_environment_idx` ON `runs` (`environment`);--> statement-breakpoint
CREATE TABLE `units` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`run` integer NOT NULL,
	`database` text NOT NULL,
	`tag` text NOT NULL,
	`hash` text NOT NULL,
	`statement_hashes` text NOT NULL,
	`began_at` integer NOT NULL,
	`ended_at` integer,
	`outcome` text,
	`took` integer,
	FOREIGN KEY (`run`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `units_run_idx` ON `units` (`run`);--> statement-breakpoint
CREATE INDEX `units_tag_idx` ON `units` (`tag`);