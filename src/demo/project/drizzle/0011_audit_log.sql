CREATE TABLE `audit_log` (
	`id` integer PRIMARY KEY NOT NULL,
	`user_id` integer,
	`action` text NOT NULL,
	`subject` text NOT NULL,
	`at` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_log_at_idx` ON `audit_log` (`at`);