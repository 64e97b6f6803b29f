INSERT INTO `comments` (`order_id`, `body`, `created_at`)
	SELECT `order_id`, `body`, `created_at` FROM `notes`;
--> statement-breakpoint
DROP INDEX `notes_order_idx`;
--> statement-breakpoint
DROP TABLE `notes`;
