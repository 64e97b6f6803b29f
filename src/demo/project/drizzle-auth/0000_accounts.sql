CREATE TABLE `accounts` (
	`id` integer PRIMARY KEY NOT NULL,
	`mail` text NOT NULL,
	`password_hash` text NOT NULL,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `accounts_mail_idx` ON `accounts` (`mail`);