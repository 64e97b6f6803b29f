ALTER TABLE `teams` ADD `updated_at` text;--> statement-breakpoint
-- A trigger is not part of a Drizzle schema: this statement is written by hand.
CREATE TRIGGER `teams_touch` AFTER UPDATE OF `plan`, `name` ON `teams`
BEGIN
	UPDATE `teams` SET `updated_at` = datetime('now') WHERE `id` = NEW.`id`;
END;

